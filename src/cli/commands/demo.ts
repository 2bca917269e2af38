import { Client, Connection } from '@temporalio/client';
import { callInterceptors } from '../../connection';
import { TASK_QUEUE } from '../../contract';
import { startDemo, type Demo } from '../../local/demo';
import { DEMO_REQUESTS, TAKEN_EMAIL } from '../../local/demo-requests';
import { subcommand, type Cli, type CommonOptions } from '../command';
import { demoEnd, demoIo, demoSteps } from '../drawing/demo-wording';
import { vendDemoAccounts } from '../vends/demo-vends';
import { CommandError, ExitStatus } from '../errors';
import { interrupted, onInterrupt, type Interrupt } from '../interrupt';
import { colors, print, printJson, type Io } from '../io';
import { viewToJson } from '../vends/read-vend';
import { wholeNumber } from '../whole-number';

interface DemoFlags extends CommonOptions {
  exit?: boolean;
  port?: string;
  uiPort?: string;
}

export function demoCommand(cli: Cli) {
  return subcommand(cli, 'demo', {
    description:
      'All on this machine: Temporal with its Web UI, an AWS simulator, a worker, and three accounts.',
    examples: ['demo', 'demo --exit', 'demo --ui-port 8080'],
  })
    .option('--exit', 'end when the accounts are done')
    .option('--port <number>', "Temporal's port (default: 7233, or a free one)")
    .option('--ui-port <number>', "the Web UI's port (default: 8233, or a free one)")
    .action(async (options: DemoFlags) => {
      const interrupt = onInterrupt();
      let isDone = false;
      try {
        const demo = await start(cli.io, options, interrupt);
        try {
          isDone = await show(demoIo(cli.io, demo.address), demo, options, interrupt);
          if (!options.exit) await Promise.race([interrupted(interrupt), demo.broken]);
        } finally {
          if (interrupt.signal.aborted) print(cli.io.stderr, 'Stopping everything …');
          await demo.close();
        }
      } catch (error) {
        if (!interrupt.signal.aborted) throw error;
      } finally {
        interrupt.release();
      }
      cli.finish(isDone ? ExitStatus.done : ExitStatus.endedOtherwise);
    });
}

async function start(io: Io, options: DemoFlags, interrupt: Interrupt): Promise<Demo> {
  const { port, uiPort, json, debug } = options;
  const out = json ? io.stderr : io.stdout;
  const paint = colors(io, out);
  print(out, 'Starting Temporal, an AWS simulator and a worker on this machine …');
  const settings = {
    ...(port === undefined ? {} : { port: wholeNumber(port, '--port', 65_535) }),
    ...(uiPort === undefined ? {} : { uiPort: wholeNumber(uiPort, '--ui-port', 65_535) }),
  };
  const demo = await startDemo({
    ...settings,
    env: io.env,
    log: (line) => print(out, paint.dim(`  ${line}`)),
    workerLog: (line) => (debug ? print(io.stderr, line) : undefined),
    signal: interrupt.signal,
  }).catch((error: unknown) => {
    if (interrupt.signal.aborted) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new CommandError(ExitStatus.unreachable, message, { cause: error });
  });
  demo.simulator.takeEmail(TAKEN_EMAIL);
  print(out, '', `  ${paint.bold(`Web UI: ${demo.uiUrl}`)}`, '');
  return demo;
}

/** Vends the accounts and shows how they came out; true where all are done. */
async function show(
  io: Io,
  demo: Demo,
  options: DemoFlags,
  { signal }: Interrupt,
): Promise<boolean> {
  const out = options.json ? io.stderr : io.stdout;
  const connection = await Connection.connect({
    address: demo.address,
    interceptors: callInterceptors(),
    channelArgs: { 'grpc.enable_http_proxy': 0 },
  });
  try {
    const client = new Client({ connection, namespace: demo.namespace });
    print(out, ...demoSteps(DEMO_REQUESTS), '');
    const vends = vendDemoAccounts({
      io,
      out,
      client,
      taskQueue: TASK_QUEUE,
      signal,
    });
    const views = await Promise.race([vends, demo.broken]);
    print(
      out,
      ...demoEnd(io, views, {
        uiUrl: demo.uiUrl,
        simulatorUrl: demo.simulator.url,
        stays: !options.exit,
      }),
    );
    if (options.json) {
      printJson(io, { uiUrl: demo.uiUrl, address: demo.address, vends: views.map(viewToJson) });
    }
    return views.every(({ status }) => status === 'COMPLETED');
  } finally {
    await connection.close();
  }
}
