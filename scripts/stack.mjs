/**
 * `npm run stack`: what temporal-docker-compose.yml runs, without containers: PostgreSQL, Temporal's server
 * with deploy/temporal/server.yaml, its Web UI, a worker and, where wanted, the AWS simulator. Versions are
 * those of the compose file. `npm run stack -- test` runs end-to-end and chaos tests on one of its own.
 */
import { parseArgs } from 'node:util';
import { StepFailed } from './tools.mjs';
import { CannotStart } from './stack/cannot-start.mjs';
import { startStack } from './stack/start-stack.mjs';
import { runTests } from './stack/run-tests.mjs';

const USAGE = `Usage: npm run stack [-- options]
       npm run stack -- test [--vends 40] [--seed 1]

Runs Temporal on PostgreSQL, its Web UI and a worker on this machine (Linux or macOS), until Ctrl-C; what is
in the database stays. \`test\` runs the end-to-end and chaos tests on a stack of its own, which is gone afterwards.

  --simulator             the AWS simulator, and a worker that knows nothing but it
  --tls FOLDER            mTLS, with certificates as deploy/temporal/make-certificates.sh makes them
  --config FILE           the worker's configuration (default: vending.yaml if it is there, else deploy/vending.yaml)
  --data FOLDER           where database and logs are kept
  --temporal-port NUMBER  default 7233; 0: a free one
  --ui-port NUMBER        default 8080; 0: a free one
  --simulator-port NUMBER default 4566; 0: a free one

Without --simulator the worker has the AWS settings of your environment.

  npm run stack -- --simulator
  npm run stack -- --data ./stack-data --temporal-port 0 --ui-port 0
`;

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => interrupted.abort());

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = interrupted.signal.aborted ? 130 : 1;
  if (error instanceof CannotStart) console.error(error.message);
  // A step that failed has said so already.
  else if (!(error instanceof StepFailed)) console.error(error);
}

async function main(args) {
  const given = read(args);
  if (typeof given === 'string') {
    console.error(`${given}\n\n${USAGE}`);
    return 2;
  }
  if (given.help) {
    console.log(USAGE);
    return 0;
  }
  const { signal } = interrupted;
  if (given.command === 'test') return runTests(given, signal);
  const stack = await startStack(given, signal);
  try {
    console.log(stack.page);
    if (!signal.aborted) await new Promise((done) => signal.addEventListener('abort', done));
  } finally {
    await stack.close();
  }
  return 0;
}

/** The options; a sentence where they are wrong. */
function read(args) {
  let parsed;
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        simulator: { type: 'boolean', default: false },
        tls: { type: 'string' },
        config: { type: 'string' },
        data: { type: 'string' },
        'temporal-port': { type: 'string', default: '7233' },
        'ui-port': { type: 'string', default: '8080' },
        'simulator-port': { type: 'string', default: '4566' },
        vends: { type: 'string', default: '40' },
        seed: { type: 'string', default: '1' },
      },
    });
  } catch (error) {
    return error.message;
  }
  const { values, positionals } = parsed;
  const [command, ...more] = positionals;
  if (more.length > 0 || (command !== undefined && command !== 'test')) {
    return `There is no "npm run stack -- ${positionals.join(' ')}".`;
  }
  const numbers = {};
  for (const name of ['temporal-port', 'ui-port', 'simulator-port', 'vends', 'seed']) {
    numbers[name] = Number(values[name]);
    const isPort = name.endsWith('-port');
    if (!/^\d+$/.test(values[name]) || (isPort && numbers[name] > 65_535)) {
      return `--${name} must be a ${isPort ? 'port' : 'whole number'}, and is "${values[name]}".`;
    }
  }
  return { ...values, ...numbers, command };
}
