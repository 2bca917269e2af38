/**
 * Writes docs/walk-through.md and its pictures from what really happens: Temporal, simulator and worker
 * of the demo, the commands as a person types them, what they print, and what a webhook receives.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { launch, shoot } from './pictures.mjs';
import { root, tool } from './tools.mjs';

const require = createRequire(import.meta.url);
const { startDemo } = require(join(root, 'lib', 'local', 'demo.js'));
const { DEMO_CONFIGURATION } = require(join(root, 'lib', 'local', 'demo-settings.js'));
const { simulatedAws, withoutSettings } = require(join(root, 'lib', 'local', 'isolated.js'));

const MANIFEST = 'examples/manifests/teams.yaml';
const TAKEN = 'aws+team-02-dev@example.com';
const ISSUE = 'PENDING_BUSINESS_VALIDATION';

const folder = mkdtempSync(join(tmpdir(), 'vend-walk-through-'));
const told = [];
const hook = await startHook();
const stopping = new AbortController();
const demo = await startDemo({
  env: process.env,
  log: console.error,
  workerLog: () => undefined,
  signal: stopping.signal,
  configuration: {
    escalation: { notify: [{ type: 'webhook', url: hook.url, format: 'slack' }] },
    // Slower than the demo, so that it is not over before anybody has answered.
    creation: { ...DEMO_CONFIGURATION.creation, perSecond: 0.4, burst: 3 },
  },
});
const { simulator, uiUrl } = demo;
const browser = await launch();
const page = [];

try {
  // As a link named `vend`, as npm makes it: then the command calls itself so.
  symlinkSync(join(root, 'lib', 'starter.js'), join(folder, 'vend'));
  simulator.takeEmail(TAKEN);
  await walk();
  const file = join(root, 'docs', 'walk-through.md');
  writeFileSync(file, `${page.join('\n')}\n`);
  await tool('prettier/bin/prettier.cjs', ['--write', file]);
  console.error('docs/walk-through.md');
} finally {
  await browser.close();
  stopping.abort();
  await demo.close();
  await hook.close();
  rmSync(folder, { recursive: true, force: true });
}

async function walk() {
  say(
    '<!-- Made by `npm run walk-through`: every line that a command printed, it really printed. -->',
    '# A walk through: twenty accounts, two troubles',
    '',
    'Twenty accounts in one manifest. One of the addresses is taken; and in the middle of it AWS begins to',
    'validate the business of the management account, which concerns everybody. Two answers from a person,',
    'and all twenty are ready. Everything here runs on one machine, against the AWS simulator:',
    '`npm run walk-through` does it all again and writes this page.',
    '',
    '## Before',
    '',
    `[${MANIFEST}](../${MANIFEST}) begins with`,
    '',
    block('yaml', readFileSync(join(root, MANIFEST), 'utf8').split('\n').slice(2, 20).join('\n')),
    '',
    'Whether a vend would go through, and what this manifest would do:',
    '',
  );
  await type('vend doctor');
  await type(`vend apply -f ${MANIFEST} --dry-run`, { head: 6, tail: 4 });

  say('', '## Start', '');
  await type(`vend apply -f ${MANIFEST}`, { head: 6, tail: 4 });
  await until('somebody is asked', async () => (await escalated()).length > 0);
  await until('several are there', async () => accounts() >= 3);

  say(
    '',
    '## One address is taken',
    '',
    'The others go on. Whoever is on call asks who needs them:',
    '',
  );
  await type('vend list --escalated');
  await type('vend show team-02-dev');
  say(
    '',
    'The Web UI says the same, and its form takes the same answer ([docs/web-ui.md](web-ui.md)):',
    '',
  );
  await picture('walk-through-escalated', {
    query: 'VendRequestId = "team-02-dev"',
    tab: 'user-metadata',
    until: 'Current Details',
    height: 1180,
  });
  simulator.set({ managementIssue: ISSUE });
  await type('vend resolve team-02-dev --amend email=aws+team-02-development@example.com');

  say(
    '',
    '## The organization is held back',
    '',
    `Meanwhile AWS has begun to validate the business: every creation would end with \`${ISSUE}\`.`,
    'The first one that meets it holds back the others, so that AWS is not asked in vain, and the',
    'organization asks **once**:',
    '',
  );
  await until('all that wait are held back', async () => {
    const { waiting, escalation } = await gate();
    return escalation !== undefined && waiting > 5;
  });
  await type('vend show --organization');
  await type('vend list --escalated --limit 4');
  await picture('walk-through-held-back', {
    query: 'WorkflowType = "organizationGate" and VendEscalation is not null',
    tab: 'user-metadata',
    until: 'Current Details',
    height: 1180,
  });
  say('', 'The batch, which is a workflow too, has an eye on all twenty:', '');
  await picture('walk-through-batch', {
    query: 'WorkflowType = "vendBatch"',
    tab: 'user-metadata',
    until: 'Current Details',
  });
  say(
    '',
    'Nobody has to do anything: one vend tries again every hour by itself. But AWS Support has just said that',
    'they are done, so:',
    '',
  );
  simulator.set({ managementIssue: null });
  await type('vend resolve --organization --retry');

  say(
    '',
    '## The end',
    '',
    'Applying the manifest again changes nothing, and follows what is there:',
    '',
  );
  await type(`vend apply -f ${MANIFEST} --wait`, { head: 8, tail: 6 });
  await type('vend list --all --limit 5');
  say(
    '',
    '## What the channel heard',
    '',
    'A Slack webhook was told of all of it ([docs/notifications.md](notifications.md)). Of the organization it',
    'heard once, although many vends were held back; and of each account when it was ready. No address and',
    'no account name is in it.',
    '',
  );
  await until(
    'all are told',
    async () => told.filter((text) => /is ready/.test(text)).length === 20,
  );
  const lines = told.map((text) => text.split('\n')[0]);
  const troubles = lines.filter((line) => !/is ready/.test(line));
  const ready = lines.filter((line) => /is ready/.test(line));
  say(
    block(
      'text',
      [...troubles, ...ready.slice(0, 3), `… ${ready.length - 3} more that are ready`].join('\n'),
    ),
  );
  const made = accounts();
  if (made !== 20) throw new Error(`${made} accounts were made of 20 requests`);
  const calls = simulator.journal().filter(({ operation }) => operation === 'CreateAccount').length;
  say('', `Twenty requests, ${made} accounts, ${calls} CreateAccount calls.`);
}

function say(...lines) {
  page.push(...lines);
}

function block(language, text) {
  return ['```' + language, text.trimEnd(), '```'].join('\n');
}

/** Types a command and puts down what it printed; of a long answer its head and tail. */
async function type(line, { head, tail } = {}) {
  const { status, output } = await vend(line.split(' ').slice(1));
  const shownOutput = output.replaceAll(demo.configurationFile, 'vending.yaml');
  const lines = shownOutput.trimEnd().split('\n');
  const isLong = head !== undefined && lines.length > head + tail + 1;
  const shown = isLong
    ? [
        ...lines.slice(0, head),
        `… ${lines.length - head - tail} more lines …`,
        ...lines.slice(-tail),
      ]
    : lines;
  page.push(block('console', [`$ ${line}`, ...shown].join('\n')), '');
  if (status !== 0) throw new Error(`${line} ended with ${status}:\n${output}`);
  console.error(`$ ${line}`);
}

async function vend(args) {
  const env = {
    ...withoutSettings(process.env),
    ...simulatedAws(simulator.url),
    TEMPORAL_ADDRESS: demo.address,
    VEND_CONFIG: demo.configurationFile,
    NO_COLOR: '1',
  };
  const child = spawn(process.execPath, [join(folder, 'vend'), ...args], { cwd: root, env });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => (output += chunk));
  const status = await new Promise((done) => child.once('close', done));
  return { status, output };
}

async function json(...args) {
  const { output } = await vend([...args, '--json']);
  return JSON.parse(output);
}

function escalated() {
  return json('list', '--escalated');
}

function gate() {
  return json('show', '--organization');
}

function accounts() {
  return simulator.snapshot().accounts.filter(({ email }) => email.startsWith('aws+team-')).length;
}

async function until(what, test) {
  for (const deadline = Date.now() + 60_000; !(await test()); await pause(300)) {
    if (Date.now() > deadline) throw new Error(`never: ${what}`);
  }
}

async function picture(name, how) {
  await shoot(browser, uiUrl, { name, ...how });
  page.push(`![${name}](images/${name}.png)`, '');
  console.error(`docs/images/${name}.png`);
}

async function startHook() {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      told.push(JSON.parse(body).text);
      response.writeHead(204).end();
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${server.address().port}/`,
    close: () => new Promise((done) => server.close(done)),
  };
}
