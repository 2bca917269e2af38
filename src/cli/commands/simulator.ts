import { startSimulator, type SimulatorProfile } from '../../simulator';
import { subcommand, type Cli, type CommonOptions } from '../command';
import { CommandError, ExitStatus, invalid } from '../errors';
import { interrupted, onInterrupt } from '../interrupt';
import { print, printJson } from '../io';
import { isLoopback } from '../temporal';
import { wholeNumber } from '../whole-number';

interface SimulatorFlags extends CommonOptions {
  port: string;
  host: string;
  profile: string;
  seed?: string;
  stateFile?: string;
}

export const PROFILES = ['real', 'demo', 'test'] as const satisfies readonly SimulatorProfile[];

export function simulatorCommand(cli: Cli) {
  return subcommand(cli, 'simulator', {
    description: 'Runs the AWS simulator alone, until Ctrl-C.',
    examples: ['simulator --port 4566', 'simulator --port 4566 --profile real --seed 7'],
  })
    .option('--port <number>', 'port to listen on; 0: a free one', '0')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--profile <profile>', `times and limits: ${PROFILES.join(', ')}`, 'demo')
    .option('--seed <number>', 'the same seed gives the same behaviour')
    .option('--state-file <file>', 'keeps its accounts over restarts')
    .action(async (options: SimulatorFlags) => {
      const settings = read(options);
      const simulator = await startSimulator(settings).catch((error: unknown) => {
        throw new CommandError(
          ExitStatus.invalid,
          `The simulator cannot start: ${reasonOf(error)}`,
        );
      });
      if (!isLoopback(settings.host.includes(':') ? `[${settings.host}]` : settings.host)) {
        const warning = `warning: it listens on ${settings.host} and asks nobody who they are. Whoever reaches it may change it, and sees what is sent to it; no real account is touched by it.`;
        print(cli.io.stderr, warning);
      }
      const interrupt = onInterrupt();
      try {
        const { url, port, organizationId, managementAccountId } = simulator;
        const facts = { url, port, organizationId, managementAccountId };
        if (options.json) printJson(cli.io, facts);
        else {
          print(
            cli.io.stdout,
            `The simulated AWS listens on ${url} (organization ${organizationId}).`,
            'Clients reach it with:',
            `  AWS_ENDPOINT_URL=${url} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1`,
            'Ctrl-C ends it.',
          );
        }
        await interrupted(interrupt);
      } finally {
        interrupt.release();
        await simulator.close();
      }
    });
}

function read({ port, host, profile, seed, stateFile }: SimulatorFlags) {
  const known = PROFILES.find((name) => name === profile);
  if (!known) throw invalid(`--profile must be one of: ${PROFILES.join(', ')}.`);
  return {
    port: wholeNumber(port, '--port', 65_535),
    host,
    profile: known,
    ...(seed === undefined ? {} : { seed: wholeNumber(seed, '--seed', 2 ** 31) }),
    ...(stateFile === undefined ? {} : { stateFile }),
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
