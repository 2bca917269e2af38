import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ManualClock, sleepOnTheWall, type SimulatorClock } from './clock';
import type { Engine } from './engine';
import type { PlannedFault } from './faults/fault-rules';
import { spoil } from './faults/spoil';
import { readCall } from './read-call';
import type { Answer, Call } from './wire/call';
import { count } from './world';

const LARGEST_BODY = 1024 * 1024;

/** The journal forgets its oldest lines; the count of creations does not depend on it. */
const JOURNAL_LENGTH = { most: 110_000, kept: 100_000 };

/** Longer than any client keeps an idle connection: closing one under a client looks like a fault. */
const KEEP_ALIVE_MS = 10 * 60 * 1000;

type ControlHandler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

interface Parts {
  engine: Engine;
  clock: SimulatorClock;
  log: (line: string) => void;
  control: ControlHandler;
}

export function createHttpServer(parts: Parts): Server {
  const server = createServer((request, response) => {
    handle(parts, request, response).catch((thrown: unknown) => {
      parts.log(`A connection failed: ${String(thrown)}`);
      response.destroy();
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.headersTimeout = KEEP_ALIVE_MS;
  return server;
}

async function handle(
  parts: Parts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  if (request.url?.startsWith('/_sim')) {
    parts.control(request, response, body);
    return;
  }
  const { engine } = parts;
  const { journal } = engine.world;
  const call = readCall(engine.world, count(engine.world, 'journal'), request, body);
  journal.push(call.entry);
  if (journal.length > JOURNAL_LENGTH.most) journal.splice(0, journal.length - JOURNAL_LENGTH.kept);
  await answerCall(parts, call, response);
  const { entry } = call;
  const outcome = [entry.status || 'no answer', entry.error, entry.createAccountRequestId];
  const fault = entry.fault && `(fault: ${entry.fault})`;
  const words = [
    `#${entry.sequence}`,
    entry.service,
    entry.operation,
    entry.region,
    ...outcome,
    fault,
  ];
  parts.log(words.filter(Boolean).join(' '));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new Error(`a body of more than ${LARGEST_BODY} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * The call takes effect at once and its answer takes the time: a client that gives up in between
 * has changed the world all the same, as with AWS.
 */
async function answerCall(parts: Parts, call: Call, response: ServerResponse): Promise<void> {
  const { engine } = parts;
  const planned = engine.plan(call);
  if (planned?.phase === 'before') {
    planned.spend();
    call.entry.fault = planned.label;
    // AWS acts late, and does so whether or not the client still waits.
    if (planned.fault.kind === 'delay') await sleep(parts, planned.fault.delayMs);
  }
  const prevented = planned?.phase === 'before' && planned.fault.kind !== 'delay';
  const served = prevented ? nothingDone() : engine.serve(call);
  const fault = prevented || served.status === 200 ? planned : undefined;
  if (fault?.phase === 'after') {
    fault.spend();
    call.entry.fault = fault.label;
  }
  const answer = fault ? spoil(served, fault.fault, call, engine.world.data.knobs) : served;
  if (fault?.fault.kind === 'error') call.entry.error = fault.fault.error.name;
  await transmit(parts, call, response, answer, fault);
}

function nothingDone(): Answer {
  return { status: 200, contentType: 'application/x-amz-json-1.1', body: '{}', headers: {} };
}

async function transmit(
  parts: Parts,
  call: Call,
  response: ServerResponse,
  answer: Answer,
  planned: PlannedFault | undefined,
): Promise<void> {
  const fault = planned?.fault;
  if (fault?.kind === 'hang') return;
  if (fault?.kind !== 'reset') call.entry.status = answer.status;
  const late = fault?.kind === 'delay' && planned?.phase === 'after' ? fault.delayMs : 0;
  await sleep(parts, latency(parts, call) + late, abortedWith(response));
  if (response.destroyed) return;
  if (fault?.kind === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  const body = Buffer.from(answer.body);
  response.writeHead(answer.status, {
    'Content-Type': answer.contentType,
    'Content-Length': body.length,
    ...answer.headers,
  });
  if (fault?.kind !== 'cut-body') {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.socket?.destroy());
}

/** A clock that somebody moves by hand would keep every answer waiting for that hand. */
function latency({ clock, engine }: Parts, call: Call): number {
  if (clock instanceof ManualClock) return 0;
  const { world } = engine;
  const creation = call.operation === 'CreateAccount' || call.operation === 'CreateGovCloudAccount';
  const knob = creation ? 'createAccountLatencyMs' : 'latencyMs';
  return world.random.duration(world.data.knobs[knob], knob, count(world, knob));
}

function sleep({ clock }: Parts, ms: number, signal?: AbortSignal): Promise<void> {
  if (ms <= 0) return Promise.resolve();
  return clock.sleep ? clock.sleep(ms, signal) : sleepOnTheWall(ms, signal);
}

function abortedWith(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}
