/**
 * Temporal's development server on a file, so that it can be ended and started again; or the Temporal
 * that TEST_TEMPORAL_ADDRESS names, which whoever runs it starts again as soon as it has ended.
 */
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { givenTemporal } from './given-temporal.mjs';

const require = createRequire(import.meta.url);
const { freePort, startTemporal } = require('../../lib/local/temporal-server.js');
const { SEARCH_ATTRIBUTE_NAMES } = require('../../lib/contract/index.js');

/** A question may meet a server that is just away: so long it is asked again. */
const PATIENCE_MS = 60_000;
const AGAIN_MS = 200;
const ANSWERS_WITHIN_MS = 15_000;

/**
 * Below the ports that the system gives to outgoing connections: while the server is away, nobody
 * else gets its port.
 */
const LOWEST_PORT = 20_000;
const PORTS = 10_000;

export class RestartedTemporal {
  /** Signals with which it was ended, in order. */
  restarts = [];
  #start;
  #server;
  #connection;
  #client;

  static async start(dbFilename) {
    const temporal = new RestartedTemporal();
    temporal.#start = givenTemporal(`chaos-${process.pid}`) ?? (await ofOurOwn(dbFilename));
    temporal.#server = await temporal.#start();
    temporal.#connection = await Connection.connect({
      address: temporal.address,
      channelArgs: { 'grpc.enable_http_proxy': 0 },
    });
    temporal.#client = new Client({
      connection: temporal.#connection,
      namespace: temporal.namespace,
    });
    return temporal;
  }

  get address() {
    return this.#server.address;
  }

  get namespace() {
    return this.#server.namespace;
  }

  async restart(signal) {
    process.kill(this.#server.pid, signal);
    await this.#server.untilEnded();
    this.#server = await this.#start();
    this.restarts.push(signal);
  }

  /** Asks until the server has answered. */
  async ask(question, signal) {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await this.askOnce(question);
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await pause(AGAIN_MS, undefined, { signal });
      }
    }
  }

  askOnce(question) {
    const deadline = Date.now() + ANSWERS_WITHIN_MS;
    return this.#client.withDeadline(deadline, () => question(this.#client));
  }

  async close() {
    await this.#connection?.close();
    await this.#server?.close();
  }
}

async function ofOurOwn(dbFilename) {
  const port = await freePort(LOWEST_PORT + (process.pid % PORTS));
  const options = { dbFilename, port, searchAttributes: SEARCH_ATTRIBUTE_NAMES, ui: false };
  return async () => {
    const server = await startTemporal(options);
    return { ...server, untilEnded: () => server.ended };
  };
}
