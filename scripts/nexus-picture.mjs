/**
 * Takes docs/images/nexus.png: a caller's run in its own namespace, with the operation that vends an
 * account in another one; then follows the link to the vend, as a person would.
 */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { launch } from './pictures.mjs';
import { root } from './tools.mjs';

const require = createRequire(import.meta.url);
const { Client, Connection } = require('@temporalio/client');
const { NativeConnection, Worker } = require('@temporalio/worker');
const { SEARCH_ATTRIBUTE_NAMES, TASK_QUEUE } = require(join(root, 'lib/contract'));
const { startTemporal } = require(join(root, 'lib/local/temporal-server'));
const { startSimulator } = require(join(root, 'lib/simulator'));

const teams = 'teams';
const workflowId = 'onboard-team-a';

const ends = [];
try {
  const simulator = await startSimulator({ profile: 'test', knobs: { creationMs: 1_000 } });
  ends.push(() => simulator.close());
  const server = await startTemporal({
    ui: true,
    searchAttributes: SEARCH_ATTRIBUTE_NAMES,
    extraArgs: ['--namespace', teams],
  });
  ends.push(() => server.close());
  startVends(server, simulator);
  const connection = await Connection.connect({ address: server.address });
  ends.push(() => connection.close());
  const worker = { namespace: server.namespace, taskQueue: TASK_QUEUE };
  const spec = { name: 'account-vending', target: { worker } };
  await connection.operatorService.createNexusEndpoint({ spec });
  await startCallers(server);
  const client = new Client({ connection, namespace: teams });
  await client.workflow.execute('onboardTeam', {
    workflowId,
    taskQueue: 'teams',
    args: [
      {
        requestId: 'team-a',
        accountName: 'Team A',
        email: 'aws+team-a@example.com',
        conformance: false,
      },
    ],
  });
  await shoot(server.uiUrl);
} finally {
  for (const end of ends.toReversed()) await end();
}

function startVends({ address }, { url }) {
  const aws = { AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: 'none', AWS_SECRET_ACCESS_KEY: 'none' };
  const env = { ...process.env, ...aws, AWS_REGION: 'us-east-1', TEMPORAL_ADDRESS: address };
  const child = spawn(process.execPath, [join(root, 'lib/worker.js')], { env, stdio: 'inherit' });
  const ended = new Promise((resolve) => child.once('close', resolve));
  ends.push(async () => {
    child.kill('SIGTERM');
    await ended;
  });
}

async function startCallers({ address }) {
  const connection = await NativeConnection.connect({ address });
  ends.push(() => connection.close());
  const worker = await Worker.create({
    connection,
    namespace: teams,
    taskQueue: 'teams',
    workflowsPath: join(root, 'examples/nexus-caller/onboard-team.ts'),
  });
  const running = worker.run();
  ends.push(async () => {
    worker.shutdown();
    await running;
  });
}

async function shoot(ui) {
  const browser = await launch();
  ends.push(() => browser.close());
  const page = await browser.newPage({
    viewport: { width: 1600, height: 1010 },
    colorScheme: 'light',
  });
  page.setDefaultTimeout(30_000);
  await page.goto(`${ui}/namespaces/${teams}/workflows/${workflowId}`);
  await page.waitForURL(/\/timeline|\/history/);
  await page.goto(page.url().replace(/\/(timeline|history).*$/, '/history'));
  const toVend = page.locator('a[href*="/workflows/vend-team-a/"]').first();
  await toVend.waitFor();
  // The page still fetches.
  await pause(1_500);
  await page.screenshot({ path: join(root, 'docs', 'images', 'nexus.png') });
  await toVend.click();
  await page.waitForURL(/\/namespaces\/default\/workflows\/vend-team-a\//);
  // And back: the vend says who asked for it.
  await page.locator(`a[href*="/namespaces/${teams}/workflows/${workflowId}/"]`).first().waitFor();
  console.log('docs/images/nexus.png; the links lead to the vend and back');
}
