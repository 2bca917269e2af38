import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startCodecServer } from '../../src/codec-server';
import type { CodecServer } from '../../src/codec-server';
import { encryptionFromEnvironment, newEncryptionKey } from '../../src/encryption';
import { startSimulator } from '../../src/simulator';
import type { Simulator } from '../../src/simulator';
import { vend } from '../cli/run-vend';
import { readStored } from '../support/stored';
import { startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { WebUi } from '../support/web-ui';
import { WorkerProcess } from '../support/worker-process';

/*
 * What a person sees of an encrypted vend: the real Web UI in a real browser, with and without a codec
 * server, set and signed in to as a person does it.
 */

const TOKEN = 'a-token-that-nobody-guesses-4711';
const EMAIL = 'sunflower@example.com';
const PERSONAL = /sunflower|daisy/i;
/** What our own texts say: details, summaries, state, memo. */
const OURS = /needs a person|account for request|"stage"|grace-hopper/i;
const KEYS = { VEND_ENCRYPTION_KEYS: newEncryptionKey('a') };

let folder: string;
let dev: DevServer;
let simulator: Simulator;
let worker: WorkerProcess;
let codecServer: CodecServer;
let ui: WebUi;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vend-web-ui-encrypted-'));
  const config = join(folder, 'vending.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      creation: {
        perSecond: 100,
        burst: 100,
        poll: { initial: '100ms', max: '200ms' },
        reconcile: { settle: '100ms' },
      },
    }),
  );
  simulator = await startSimulator({ profile: 'test' });
  simulator.takeEmail(EMAIL);
  dev = await startDevServer({ ui: true });
  const uiUrl = dev.server.uiUrl ?? '';
  const env = { TEMPORAL_ADDRESS: dev.address, AWS_ENDPOINT_URL: simulator.url, ...KEYS };
  worker = new WorkerProcess(env, ['--config', config]);
  await worker.ready();
  codecServer = await startCodecServer({
    codec: encryptionFromEnvironment(KEYS).payloadCodecs[0],
    host: '127.0.0.1',
    port: 0,
    uiOrigins: [uiUrl],
    token: TOKEN,
    publicOrigin: undefined,
    log: () => undefined,
  });
  const request = ['--request-id', 'veiled', '--account-name', 'Sunflower', '--email', EMAIL];
  const more = ['--no-conformance', '--by', 'grace-hopper', '--wait', '--until-escalation'];
  const begun = await vend(['start', ...request, ...more], {
    env: { ...env, VEND_CONFIG: config },
  });
  if (begun.status !== 3) throw new Error(begun.stderr);
  ui = await WebUi.open(uiUrl);
  // Longer where a browser has to be fetched.
}, 400_000);

afterAll(async () => {
  await ui?.close();
  await codecServer?.close();
  await worker?.stop();
  await dev?.close();
  await simulator?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The tabs that show something of what a workflow was given, gave and says of itself. */
const TABS = {
  timeline: /Input\n[\s\S]*admit/,
  history: /Workflow Execution Started/,
  'user-metadata': /No Current Details|Needs a person/,
  memo: /requestedBy/,
  query: /This will fail if you have no workers running|Run Query/,
};

async function tabs(untils: Record<string, RegExp> = TABS): Promise<Record<string, string>> {
  const shown: Record<string, string> = {};
  for (const [name, until] of Object.entries(untils)) {
    shown[name] = await ui.tab('vend-veiled', name, until);
    expect(shown[name]).toMatch(until);
  }
  return shown;
}

test('without a codec server it shows that a vend needs a person, and nothing of its request', async () => {
  // What Temporal must be able to search stays readable.
  await ui.search('VendEscalation="EMAIL_ALREADY_EXISTS"', 'vend-veiled');
  const shown = Object.values(await tabs()).join('\n');
  expect(shown.match(PERSONAL)).toBeNull();
  expect(shown.match(OURS)).toBeNull();
});

test('nor with one to which nobody has signed in, and it says so', async () => {
  await ui.useCodecServer(codecServer.url);
  const shown = Object.values(
    await tabs({ timeline: /could not connect[\s\S]*Input\n[\s\S]*admit/ }),
  ).join('\n');
  expect(shown).toContain('Codec Server could not connect');
  expect(shown.match(PERSONAL)).toBeNull();
  expect(shown.match(OURS)).toBeNull();
});

test('a wrong token opens nothing', async () => {
  expect(await ui.signIn(codecServer.url, 'a-guess')).toContain('That is not the token');
  const input = await ui.tab('vend-veiled', 'timeline', /Codec Server could not connect/);
  expect(input.match(PERSONAL)).toBeNull();
});

test('signed in, it shows everything', async () => {
  expect(await ui.signIn(codecServer.url, TOKEN)).toContain('You are signed in');
  const shown = await tabs({
    timeline: /Input\n[\s\S]*sunflower@example\.com/,
    'user-metadata': /Needs a person: EMAIL_ALREADY_EXISTS/,
    memo: /grace-hopper/,
    query: /Run Query/,
  });
  // The first by name: the request as it stands.
  expect(await ui.runQuery()).toContain(EMAIL);
  expect(shown['user-metadata']).toContain('standard account for request veiled');
  expect(Object.values(shown).join()).not.toContain('could not connect');
});

test('and a person answers there as ever: what the form sends is encrypted', async () => {
  const answer = (email: string) =>
    JSON.stringify({ action: 'amend', changes: { email }, by: 'grace-hopper' });
  // Web UI 2.54 has no failure of an update decoded: why it was refused, the terminal says.
  expect(await ui.sendUpdate('resolve', answer('no address'))).toBe('Encoded failure');
  expect(await ui.sendUpdate('resolve', answer('daisy@example.com'))).toBeUndefined();
  await ui.status('Completed');
  const end = await ui.tab('vend-veiled', 'timeline', /Result\n[\s\S]*accountId/);
  expect(end).toMatch(/"accountId":\s*"\d{12}"/);
  const { text } = await readStored(dev.client);
  expect(text.match(PERSONAL)).toBeNull();
  expect(text).toContain('workflowExecutionUpdateAccepted');
});

test("Temporal's command line reads it with the token, and not without", async () => {
  const show = async (...more: string[]) => {
    const argv = ['workflow', 'show', '-w', 'vend-veiled', '--output', 'json', ...more];
    const cli = process.env['TEMPORAL_CLI'] ?? 'temporal';
    const { stdout } = await promisify(execFile)(cli, [...argv, '--address', dev.address]);
    return stdout.replaceAll(/"data": "([^"]+)"/g, (_, data: string) =>
      Buffer.from(data, 'base64').toString(),
    );
  };
  const endpoint = ['--codec-endpoint', codecServer.url];
  expect(await show(...endpoint, '--codec-auth', `Bearer ${TOKEN}`)).toContain(EMAIL);
  expect(await show()).not.toMatch(PERSONAL);
  const refused = show(...endpoint, '--codec-auth', 'Bearer no', '--command-timeout', '2s');
  await expect(refused).rejects.toThrow(/Command failed/);
});
