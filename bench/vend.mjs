/**
 * What one vend costs on the happy path, with the default policy and in real time: a creation of
 * 60 s, placement, and two packs in one region that are successful at the first look.
 */
import { createRequire } from 'node:module';
import { NativeConnection, Runtime, DefaultLogger } from '@temporalio/worker';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { actionsOf, total } from './actions.mjs';
import { printMachine, row, say } from './report.mjs';

const require = createRequire(import.meta.url);
const { startTemporal } = require('../lib/local/temporal-server.js');
const { startSimulator } = require('../lib/simulator/index.js');
const { createAwsClients } = require('../lib/aws/clients.js');
const { createVendWorker } = require('../lib/runtime/create-worker.js');
const { parseConfiguration } = require('../lib/config/index.js');
const {
  SEARCH_ATTRIBUTE_NAMES,
  gateWorkflowId,
  vendWorkflowId,
  watchWorkflowId,
} = require('../lib/contract/index.js');

const BUDGET = { CreateAccount: 1, DescribeCreateAccountStatus: 6, calls: 14, events: 150 };
const CREATION_MS = 60_000;

export async function measure() {
  say('vend: one account, creation of 60 s, placement, two packs (takes a minute)');
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const temporal = await startTemporal({ searchAttributes: SEARCH_ATTRIBUTE_NAMES, ui: false });
  // AWS as documented, but without lag and empty pages, which are not what is measured.
  const simulator = await startSimulator({
    profile: 'test',
    knobs: { creationMs: CREATION_MS, pageSize: 20, configPageSize: 100, emptyPageRate: 0 },
  });
  process.env.AWS_ENDPOINT_URL = simulator.url;
  const unit = simulator.addOrganizationalUnit('Workloads');
  for (const name of ['Baseline', 'Encryption']) {
    simulator.putConformancePack({ name, region: 'us-east-1' });
  }
  const aws = createAwsClients();
  const connection = await NativeConnection.connect({ address: temporal.address });
  const clientConnection = await Connection.connect({ address: temporal.address });
  try {
    const { namespace } = temporal;
    const configuration = parseConfiguration({}).value;
    const worker = await createVendWorker({ connection, namespace, aws, configuration });
    const client = new Client({ connection: clientConnection, namespace });
    await worker.runUntil(async () => {
      const handle = await client.workflow.start('vendAccount', {
        taskQueue: configuration.taskQueue,
        workflowId: vendWorkflowId('bench'),
        args: [
          {
            requestId: 'bench',
            accountName: 'Bench',
            email: 'bench@example.com',
            organizationalUnit: unit,
          },
        ],
      });
      await handle.result();
      const history = await handle.fetchHistory();
      report(simulator.journal(), history.events ?? []);
      const { organizationId } = simulator;
      const others = [gateWorkflowId(organizationId), watchWorkflowId(organizationId, 'us-east-1')];
      printActions('the vend', history);
      for (const id of others) {
        printActions(id.split('-o-')[0], await client.workflow.getHandle(id).fetchHistory());
      }
    });
    await printMachine(clientConnection);
  } finally {
    aws.destroy();
    await connection.close();
    await clientConnection.close();
    await simulator.close();
    await temporal.close();
  }
}

function report(journal, events) {
  const calls = countBy(journal, (entry) => entry.operation);
  for (const [operation, count] of Object.entries(calls)) say(`  ${operation}: ${count}`);
  row('CreateAccount calls', calls.CreateAccount ?? 0, BUDGET.CreateAccount);
  row(
    'DescribeCreateAccountStatus calls',
    calls.DescribeCreateAccountStatus ?? 0,
    BUDGET.DescribeCreateAccountStatus,
  );
  row('AWS calls in all', journal.length, BUDGET.calls);
  row('history events', events.length, BUDGET.events);
}

function printActions(who, history) {
  const actions = actionsOf(JSON.parse(historyToJSON(history)));
  const parts = Object.entries(actions).map(([kind, count]) => `${count} ${kind}`);
  say(`  Temporal Actions of ${who}: ${total(actions)} (${parts.join(', ')})`);
}

function countBy(items, key) {
  const counts = {};
  for (const item of items) counts[key(item)] = (counts[key(item)] ?? 0) + 1;
  return counts;
}
