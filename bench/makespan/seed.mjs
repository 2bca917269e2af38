/**
 * One seed of one measurement, in a process of its own: the AWS SDK takes its endpoint from the
 * environment, and five workers in one process would wait for each other.
 *
 * Sends `{ready}`, begins when it is told to, and sends `{result}`.
 */
import { createRequire } from 'node:module';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { naiveActivities } from '../naive/activities.mjs';
import { median } from '../report.mjs';
import { PUBLISHED, handOvers, idealMakespan, mostInProgress } from './ideal.mjs';

const require = createRequire(import.meta.url);
const { startSimulator } = require('../../lib/simulator/index.js');
const { createAwsClients } = require('../../lib/aws/clients.js');
const { createVendWorker } = require('../../lib/runtime/create-worker.js');
const { parseConfiguration } = require('../../lib/config/index.js');
const { vendWorkflowId } = require('../../lib/contract/index.js');

const VENDS = 60;
const CREATION_MS = { min: 7_000, max: 13_000 };
/** What has not ended by then is counted as not ended. */
const TOO_LONG = '60m';

/** With AWS's rate off, looks are frequent, so that nothing is measured but the handing on of places. */
const CREATION = {
  places: {
    perSecond: 1_000,
    burst: 1_000,
    poll: { initial: '500ms', factor: 1, max: '500ms' },
  },
  rate: {},
};

const { address, part, how, seed, naiveBundle } = JSON.parse(process.argv[2]);
process.on('disconnect', () => process.exit(1));
Runtime.install({ logger: new DefaultLogger('ERROR') });
const simulator = await startSimulator({
  profile: 'test',
  seed,
  // AWS as documented, but without lag and empty pages, which are not what is measured.
  knobs: {
    creationMs: CREATION_MS,
    rateFactor: part === 'rate' ? 1 : 0,
    pageSize: 20,
    emptyPageRate: 0,
  },
});
process.env.AWS_ENDPOINT_URL = simulator.url;
const connection = await NativeConnection.connect({ address });
const client = new Client({ connection: await Connection.connect({ address }) });
const name = `${part}-${how}-${seed}`;
const run = how === 'naive' ? await naive() : await ours();
await run.worker.runUntil(async () => {
  process.send({ ready: true });
  await new Promise((resolve) => {
    process.once('message', resolve);
  });
  process.send({ result: await measure(run.begin) });
});
process.exit(0);

async function ours() {
  const parsed = parseConfiguration({ taskQueue: name, creation: CREATION[part] });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const configuration = parsed.value;
  const aws = createAwsClients();
  const worker = await createVendWorker({ connection, namespace: 'default', aws, configuration });
  const begin = (n) => {
    const requestId = `${name}-${n}`;
    return client.workflow.start('vendAccount', {
      taskQueue: name,
      workflowId: vendWorkflowId(requestId),
      workflowExecutionTimeout: TOO_LONG,
      args: [{ requestId, ...account(n), conformance: false }],
    });
  };
  return { worker, begin };
}

async function naive() {
  const worker = await Worker.create({
    connection,
    taskQueue: name,
    workflowBundle: { codePath: naiveBundle },
    activities: naiveActivities(),
  });
  const begin = (n) =>
    client.workflow.start('naiveVend', {
      taskQueue: name,
      workflowId: `${name}-${n}`,
      workflowExecutionTimeout: TOO_LONG,
      args: [account(n)],
    });
  return { worker, begin };
}

function account(n) {
  return { accountName: `Account ${n}`, email: `${name}-${n}@example.com` };
}

async function measure(begin) {
  const startedAt = simulator.clock.now();
  const numbers = Array.from({ length: VENDS }, (_, n) => n);
  const handles = await Promise.all(numbers.map(begin));
  const ends = await Promise.all(
    handles.map(async (handle) => {
      const isDone = await handle.result().then(
        () => true,
        () => false,
      );
      const { closeTime } = await handle.describe();
      return { isDone, atMs: closeTime?.getTime() ?? Infinity };
    }),
  );
  const { requests, accounts } = simulator.snapshot();
  requests.sort((one, other) => one.requestedAt - other.requestedAt);
  const durations = requests.map(
    ({ requestedAt, completedAt = Infinity }) => completedAt - requestedAt,
  );
  const idealMs = idealMakespan(durations, part === 'rate' ? PUBLISHED : undefined);
  const lastAtAws = Math.max(...requests.map(({ completedAt = Infinity }) => completedAt));
  const journal = simulator.journal().filter(({ operation }) => operation === 'CreateAccount');
  return {
    seed,
    part,
    how,
    organizationId: simulator.organizationId,
    idealMs,
    awsMs: lastAtAws - startedAt,
    vendsMs: Math.max(...ends.map(({ atMs }) => atMs)) - startedAt,
    firstCallMs: (requests[0]?.requestedAt ?? Infinity) - startedAt,
    handOverMs: median(handOvers(requests)),
    done: ends.filter(({ isDone }) => isDone).length,
    inProgress: mostInProgress(requests),
    calls: journal.length,
    refused: journal.filter(({ committed }) => !committed).length,
    looks: simulator
      .journal()
      .filter(({ operation }) => operation === 'DescribeCreateAccountStatus').length,
    accounts: accounts.filter(({ createAccountRequestId }) => createAccountRequestId).length,
  };
}
