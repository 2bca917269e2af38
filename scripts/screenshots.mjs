/**
 * Takes the pictures of docs/images from the demo, in a real Chromium: one that is there, or one that
 * is fetched (src/local/chromium.ts). With the address of a Web UI as argument, from what runs there.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findWorkflow, launch, shoot } from './pictures.mjs';
import { root, run } from './tools.mjs';

const vends = 'WorkflowType = "vendAccount"';
const address = 'aws+team-c@example.com';

/** Beside those of the demo, which mends its own: nobody answers these. */
const more = {
  // The demo's taken address once more, so that there is time to look at the escalation.
  escalated: ['team-d-dev', '--email', address, '--organizational-unit', 'Workloads/Dev'],
  // The first one meets what concerns everybody, and the second waits behind it.
  held: [
    ['team-e-prod', '--tag', 'simulator:behaviour=fail-missing-payment-instrument-1x'],
    ['team-f-prod'],
  ],
};

const ofTheDemo = [
  {
    name: 'under-way',
    query: 'VendStage = "conforming" and VendEscalation is null',
    tab: 'user-metadata',
    until: 'Current Details',
  },
  {
    name: 'timeline',
    query: `${vends} and ExecutionStatus = "Completed"`,
    tab: 'timeline',
    until: 'Timeline',
  },
];
const ofAnEscalation = [
  {
    name: 'list',
    query: 'VendRequestId = "team-d-dev" and VendEscalation is not null',
    until: 'VendEscalation',
  },
  {
    name: 'escalated-list',
    query: 'VendRequestId = "team-d-dev" and VendEscalation is not null',
    filter: 'VendEscalation is not null',
    until: 'VendEscalation',
  },
  {
    name: 'escalated',
    query: 'VendRequestId = "team-d-dev" and VendEscalation is not null',
    tab: 'user-metadata',
    until: 'Current Details',
    height: 1180,
  },
  {
    name: 'update',
    query: 'VendRequestId = "team-d-dev" and VendEscalation is not null',
    tab: 'user-metadata',
    until: 'Current Details',
    before: fillForm,
  },
];
const ofTheGate = [
  {
    name: 'held-back',
    query: 'WorkflowType = "organizationGate" and VendEscalation is not null',
    tab: 'user-metadata',
    until: 'Current Details',
    height: 1180,
  },
];

const demo = process.argv[2] ? undefined : startDemo();
let browser;
try {
  browser = await launch();
  const ui = process.argv[2] ?? (await demo.webUi);
  await shootAll(ui, ofTheDemo);
  if (demo) await demo.start(more.escalated);
  await shootAll(ui, ofAnEscalation);
  // Last: from here on nobody creates any more.
  if (demo) await holdBack(ui);
  await shootAll(ui, ofTheGate);
} finally {
  await browser?.close();
  await demo?.stop();
}

/** The second one begins when all are held back, so that it is seen waiting. */
async function holdBack(ui) {
  const [first, second] = more.held;
  await demo.start(first);
  await findWorkflow(ui, ofTheGate[0].query);
  await demo.start(second);
  await findWorkflow(ui, `VendRequestId = "${second[0]}" and VendEscalation is not null`);
}

async function shootAll(ui, pictures) {
  await Promise.all(
    pictures.map(async (picture) => {
      await shoot(browser, ui, picture);
      console.log(`docs/images/${picture.name}.png`);
    }),
  );
}

/** More Actions → Send an Update, with what the details say, and not sent. */
async function fillForm(page) {
  const details = page.frameLocator('#user-metadata-current-details');
  const json = await details.locator('li').filter({ hasText: '"action":"amend"' }).innerText();
  await page.getByRole('button', { name: 'More Actions' }).click();
  const item = page.getByRole('menuitem', { name: 'Send an Update' });
  await item.filter({ visible: true }).click();
  const form = page.getByRole('dialog', { name: 'Send an Update' });
  await form.locator('button[aria-haspopup]').click();
  await form.getByRole('option', { name: /^resolve/ }).click();
  await form.getByRole('textbox', { name: 'Data' }).click();
  await page.keyboard.insertText(json.replace('NEW_ADDRESS', 'aws+team-d-dev@example.com'));
  await form.getByText('Single JSON payload supported').click();
  await pause(500);
}

/** The demo in a process of its own; it says where its Web UI is. */
function startDemo() {
  const child = spawn(process.execPath, [join(root, 'lib', 'starter.js'), 'demo'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  let output = '';
  const temporal = () => /Temporal +(127\.0\.0\.1:\d+)/.exec(output)?.[1] ?? '';
  const webUi = new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
        const [, url] = /web ui.*?(http:\/\/[\w.]+:\d+)/i.exec(output) ?? [];
        if (url) resolve(url);
      });
    }
    void ended.then(() => reject(new Error(`the demo ended too early:\n${output}`)));
  });
  webUi.catch(() => {});
  return {
    webUi,
    /** Starts one more vend, as a person would. */
    async start([id, ...flags]) {
      const given = flags.includes('--email') ? [] : ['--email', `aws+${id}@example.com`];
      const args = ['start', '--request-id', id, '--account-name', id, ...given, ...flags];
      const env = { ...process.env, TEMPORAL_ADDRESS: temporal() };
      await run(process.execPath, [join(root, 'lib', 'starter.js'), ...args], { env });
    },
    async stop() {
      child.kill('SIGINT');
      const limit = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await ended;
      clearTimeout(limit);
    },
  };
}
