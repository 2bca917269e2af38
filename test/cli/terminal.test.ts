import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { CTRL_C, ESC, Screen, type ScreenOptions } from '../support/screen';
import { startDevServer, type DevServer } from '../support/temporal';
import { untilTrue } from '../support/until';
import { Vending } from '../support/vending';
import { vend } from './run-vend';

/** The built command in a real terminal, with real vends. */
const STARTER = join(__dirname, '../../lib/starter.js');
const folder = mkdtempSync(join(tmpdir(), 'vend-terminal-'));
let dev: DevServer;
let vending: Vending;
let env: NodeJS.ProcessEnv;
const screens: Screen[] = [];

beforeAll(async () => {
  dev = await startDevServer();
  vending = await Vending.start(dev, {
    skipped: false,
    configuration: {
      creation: { poll: { initial: '100ms', max: '200ms' }, reconcile: { settle: '100ms' } },
      conformance: { allowNone: true, poll: { initial: '100ms', max: '200ms' } },
    },
  });
  const config = join(folder, 'vending.yaml');
  writeFileSync(config, JSON.stringify({ taskQueue: vending.taskQueue }));
  env = { TEMPORAL_ADDRESS: dev.address, TEMPORAL_CONFIG_FILE: devNull, VEND_CONFIG: config };
  for (const id of ['one', 'two', 'three']) await start(id);
});

afterAll(async () => {
  await Promise.all(screens.map((screen) => screen.close()));
  await vending?.close();
  await dev?.close();
  rmSync(folder, { recursive: true });
});

/** A vend that waits for a person. */
async function start(id: string): Promise<void> {
  const email = `${id}-taken@example.com`;
  vending.simulator.takeEmail(email);
  // Names differ: while a creation of the same name is in progress, no other address is taken.
  const flags = ['--request-id', id, '--account-name', `Hidden ${id}`, '--email', email];
  expect((await vend(['start', ...flags], { env })).status).toBe(0);
}

async function amend(id: string): Promise<void> {
  const line = ['resolve', id, '--amend', `email=${id}@example.com`];
  const { status, stderr } = await vend(line, { env });
  expect({ status, said: status === 0 ? '' : stderr }).toEqual({ status: 0, said: '' });
}

function terminal(line: string, options: ScreenOptions = {}): Screen {
  const command = [process.execPath, STARTER, ...line.split(' ')];
  const screen = new Screen(command, { ...options, env: { ...env, ...options.env } });
  screens.push(screen);
  return screen;
}

/** Runs the command with one of its two outputs closed at the other end. */
async function withoutReader(argv: string[], gone: 'stdout' | 'stderr') {
  const child = spawn(process.execPath, [STARTER, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  child[gone].destroy();
  const [stdout, stderr, [status]] = await Promise.all([
    gone === 'stdout' ? '' : textOf(child.stdout),
    gone === 'stderr' ? '' : textOf(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { status, stdout, stderr };
}

const COLOR = new RegExp(String.raw`${ESC}\[\d+m`);
/** How the cursor is moved to draw anew. */
const REDRAWN = new RegExp(String.raw`${ESC}\[\d*[AJK]`);

test('one vend is redrawn in place, from the question to the end, and the last picture stays', async () => {
  const screen = terminal('watch one');
  const asked = await screen.until(/resolve one --amend email=NEW_ADDRESS/);
  expect(asked).toMatch(/^! one {2}creating, needs a person: EMAIL_ALREADY_EXISTS/);
  expect(asked).toMatch(/✓ queued +\d+ s\n +! creating +\d+ s\n/);
  await amend('one');
  expect(await screen.ended).toBe(0);
  const last = await screen.text();
  expect(last).toMatch(
    /^✓ one {2}done after \d+ s\n {2}✓ queued +\d+ s\n {2}✓ creating +\d+ s\n {2}✓ placing +\d+ s\n/,
  );
  expect(last).toMatch(/done: account \d{12}$/);
  expect(screen.raw).toMatch(REDRAWN);
  expect(screen.raw).toMatch(COLOR);
  // One picture alone: nothing of the ones before is left.
  expect(last.match(/one {2}/g)).toHaveLength(1);
});

test('time passes on the screen between two looks', async () => {
  const screen = terminal('watch two');
  const shown = (text: string) => Number(/! creating +(\d+) s/.exec(text)?.[1]);
  const seconds = shown(await screen.until(/! creating +\d+ s/));
  await untilTrue(async () => shown(await screen.text()) > seconds);
  expect(shown(await screen.text())).toBeGreaterThan(seconds);
});

test('Ctrl-C ends the look alone, at once, and says so', async () => {
  const screen = terminal('watch two');
  await screen.until(/needs a person/);
  screen.type(CTRL_C);
  expect(await screen.ended).toBe(130);
  const last = await screen.text();
  expect(last).toMatch(/! two {2}creating, needs a person[\s\S]*--abandon/);
  expect(last).toMatch(/No longer watched; two goes on\. See it again: .* watch two$/);
  expect(last).not.toMatch(/Error|\n\s+at /);
  const shown = await vend(['show', 'two', '--json'], { env });
  expect(JSON.parse(shown.stdout)).toMatchObject({ status: 'RUNNING', stage: 'creating' });
});

test('Ctrl-C in apply --wait ends the look alone as well, and names what would end the vends', async () => {
  const manifest = join(folder, 'looked.json');
  const email = 'looked-taken@example.com';
  vending.simulator.takeEmail(email);
  const accounts = [{ requestId: 'looked', accountName: 'Hidden', email }];
  writeFileSync(manifest, JSON.stringify({ name: 'looked', accounts }));
  const screen = terminal(`apply -f ${manifest} --wait`, { columns: 200 });
  await screen.until(/EMAIL_ALREADY_EXISTS/);
  screen.type(CTRL_C);
  expect(await screen.ended).toBe(130);
  const last = await screen.text();
  expect(last).toMatch(
    /No longer watched; the vends go on\. What would end them:\n.*cancel --batch looked/,
  );
  expect(last).not.toMatch(/Error|\n\s+at /);
});

// What no longer fits the screen goes into its history, whence nobody can take it back.
test.each(['watch two', 'watch one two three'])('%s survives a resize', async (line) => {
  const screen = terminal(line, { columns: 120, rows: 60 });
  await screen.until(/needs a person/);
  for (const columns of [50, 44, 100]) {
    screen.resize(columns, 60);
    await new Promise((resolve) => setTimeout(resolve, 700));
  }
  const pictures = (text: string) =>
    text.split('\n').filter((one) => one.startsWith('! two')).length;
  const after = await screen.until(/needs a person/);
  expect(after).toMatch(/^[!✓] (?:one|two)/);
  // A busy machine may draw once more for the width before: no more than that is left, and it stays so.
  expect(pictures(after)).toBeLessThanOrEqual(1 + 3);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(pictures(await screen.text())).toBe(pictures(after));
  screen.type(CTRL_C);
  await screen.ended;
});

test('three vends at 80x24 fit, and each that needs a person says what can be typed', async () => {
  await vend(['watch', 'one'], { env });
  const screen = terminal('watch one two three');
  const text = await screen.until(/resolve three --abandon/);
  expect(text.split('\n').length).toBeLessThanOrEqual(24);
  expect(text).toMatch(/resolve two --amend/);
  expect(text).toMatch(/✓ one {2}done after/);
  screen.type(CTRL_C);
  await screen.ended;
});

test('watch --all takes in vends that begin meanwhile, and ends when none is left', async () => {
  const screen = terminal('watch --all');
  await screen.until(/two/);
  await start('newcomer');
  await screen.until(/! newcomer/);
  const { stdout } = await vend(['list', '--escalated', '--json'], { env });
  for (const { requestId } of JSON.parse(stdout) as { requestId: string }[]) {
    await amend(requestId);
  }
  expect(await screen.ended).toBe(0);
  expect(await screen.text()).toMatch(/✓ newcomer/);
  const none = terminal('watch --all');
  expect(await none.ended).toBe(0);
  expect(await none.text()).toBe('Nothing is under way.');
});

test('list fits the terminal, and wraps nowhere', async () => {
  for (const columns of [120, 60, 40]) {
    const screen = terminal('list --all', { columns, env: { NO_COLOR: '1' } });
    await screen.ended;
    const written = screen.raw.split('\r\n').filter(Boolean);
    for (const line of written.slice(0, -1)) expect(line.length).toBeLessThanOrEqual(columns);
    expect(screen.raw).toContain('newcomer');
    expect(written.at(-1)).toMatch(/^\d+ vends/);
  }
});

describe('where nothing is drawn anew', () => {
  test.each([{ CI: 'true' }, { TERM: 'dumb' }])('%o: lines', async (more) => {
    const screen = terminal('watch one', { env: more });
    expect(await screen.ended).toBe(0);
    expect(screen.raw).not.toMatch(REDRAWN);
    expect(await screen.text()).toMatch(/one {2}creating \(queued took \d+ s\)\n/);
  });

  test('no colour with NO_COLOR or TERM=dumb, whatever else asks for it', async () => {
    const dumb = terminal('list --all', { env: { TERM: 'dumb' } });
    const none = terminal('list --all', { env: { NO_COLOR: '1', FORCE_COLOR: '1' } });
    const empty = terminal('list --all', { env: { NO_COLOR: '' } });
    await Promise.all([dumb.ended, none.ended, empty.ended]);
    expect(dumb.raw).not.toMatch(COLOR);
    expect(none.raw).not.toMatch(COLOR);
    expect(empty.raw).toMatch(COLOR);
  });

  test('no colour in a pipe, unless FORCE_COLOR asks for it', async () => {
    const list = async (more: NodeJS.ProcessEnv) =>
      (await vend(['list', '--all'], { env: { ...env, ...more } })).stdout;
    expect(await list({})).not.toMatch(COLOR);
    expect(await list({ FORCE_COLOR: '1' })).toMatch(COLOR);
    expect(await list({ FORCE_COLOR: '0' })).not.toMatch(COLOR);
    expect(await list({ FORCE_COLOR: '1', NO_COLOR: '1' })).not.toMatch(COLOR);
  });

  test('a reader that goes away is no fault, and no success: it ends as SIGPIPE ends a program', async () => {
    await start('unread');
    const { status, stderr } = await withoutReader(['watch', 'unread'], 'stdout');
    expect(stderr).not.toContain('EPIPE');
    expect(status).toBe(141);
  });

  test('what is known already stays the status, whoever reads it', async () => {
    const { status } = await withoutReader(['show', 'there-is-none', '--json'], 'stdout');
    expect(status).toBe(5);
  });

  test('who reads no progress has the result all the same', async () => {
    const { status, stdout } = await withoutReader(['show', 'Not_One', '--json'], 'stderr');
    expect(JSON.parse(stdout)).toMatchObject({ error: { message: /no request ID/ } });
    expect(status).toBe(2);
  });
});
