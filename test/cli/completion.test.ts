import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { VALUES } from '../../src/cli/completing/complete';
import { SearchAttribute, Stage, WorkflowType } from '../../src/contract';
import { CTRL_U, Screen } from '../support/screen';
import { startDevServer, type DevServer } from '../support/temporal';
import { until, untilTrue } from '../support/until';
import { vend } from './run-vend';

const STARTER = join(__dirname, '../../lib/starter.js');
const COMMANDS = ['start', 'show', 'list', 'watch', 'resolve', 'cancel', 'schema', 'completion'];
/** Of a person, until something is completed. */
const TABS = 20;
/** Less than connecting may take elsewhere. */
const SOON_MS = 4_500;
let dev: DevServer;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  dev = await startDevServer();
  env = { TEMPORAL_ADDRESS: dev.address, TEMPORAL_CONFIG_FILE: devNull, VEND_CONFIG: devNull };
  const begin = (requestId: string, stage: Stage, reason?: string) =>
    dev.client.workflow.start(WorkflowType.vendAccount, {
      workflowId: `vend-${requestId}`,
      taskQueue: 'nobody-works-here',
      args: [{ requestId }],
      typedSearchAttributes: [
        { key: SearchAttribute.requestId, value: requestId },
        { key: SearchAttribute.stage, value: stage },
        ...(reason ? [{ key: SearchAttribute.escalation, value: reason }] : []),
      ],
    });
  await begin('team-a-prod', Stage.conforming);
  await begin('team-b-prod', Stage.creating, 'EMAIL_ALREADY_EXISTS');
  await begin('other', Stage.approving);
  // What a shell would run: it is offered nowhere.
  await begin('team-b-prod;true #', Stage.creating, 'EMAIL_ALREADY_EXISTS');
  const ended = await begin('team-ended', Stage.queued);
  await ended.terminate();
  while ((await dev.client.workflow.count(`ExecutionStatus = 'Running'`)).count !== 4) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});

afterAll(() => dev?.close());

/** What may stand where the last word is. */
async function offered(...words: string[]): Promise<string[]> {
  const { status, stdout, stderr } = await vend(['__complete', 'zsh', ...words], { env });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout.split('\n').flatMap((line) => line.split('\t')[0] || []);
}

describe('what is offered', () => {
  test('commands, but not the hidden one', async () => {
    const commands = await offered('');
    expect(commands).toEqual(expect.arrayContaining(COMMANDS));
    expect(commands).not.toContain('__complete');
    expect(await offered('wa')).toEqual(['watch']);
    expect(await offered('nonsense', '')).toEqual([]);
  });

  test.each(COMMANDS)('%s: every option that its help shows', async (command) => {
    const { stdout } = await vend([command, '--help']);
    const [, help = ''] = stdout.split('\nOptions:\n');
    const told = [...help.split('\n\n')[0]!.matchAll(/^ +(?:-\w, )?(--[\w-]+)/gm)];
    expect(await offered(command, '-')).toEqual(told.map(([, option]) => option));
  });

  test('options that were given are not offered again, unless they may be repeated', async () => {
    expect(await offered('list', '--all', '--al')).toEqual([]);
    expect(await offered('start', '--tag', 'a=b', '--ta')).toEqual(['--tag']);
    expect(await offered('show', '--', '--j')).toEqual([]);
  });

  test('values of options and arguments', async () => {
    expect(await offered('list', '--stage', '')).toEqual(Object.values(Stage));
    expect(await offered('list', '--stage', 'ca')).toEqual(['cancelling', 'cancelled']);
    expect(await offered('list', '--stage=ca')).toEqual([
      '--stage=cancelling',
      '--stage=cancelled',
    ]);
    expect(await offered('list', '--columns', 'request,st')).toEqual([
      'request,stage',
      'request,started',
      'request,status',
    ]);
    expect(await offered('resolve', 'a', '--waive', 'pl')).toEqual(['placing']);
    expect(await offered('resolve', 'a', '--amend', 'em')).toEqual(['email=']);
    expect(await offered('schema', 'm')).toEqual(['manifest']);
    expect(await offered('simulator', '--profile', '')).toEqual(['real', 'demo', 'test']);
    expect(await offered('list', '--limit', '')).toEqual([]);
  });

  test('each list of values belongs to an option that there is', async () => {
    const helps = await Promise.all([...COMMANDS, 'simulator'].map((one) => vend([one, '--help'])));
    const all = helps.map(({ stdout }) => stdout).join('');
    for (const placeholder of Object.keys(VALUES)) expect(all).toContain(`<${placeholder}>`);
  });

  test('files, where a file is named', async () => {
    expect(await offered('start', '-f', '')).toEqual([':files']);
    expect(await offered('start', '--file=a')).toEqual([':files']);
    expect(await offered('start', '--config', 'a')).toEqual([':files']);
  });

  test('request IDs of vends that are under way; where an answer is given, of those that ask', async () => {
    const vends = ['other', 'team-a-prod', 'team-b-prod'];
    // A busy machine may not have them in the 1.5 s that a Tab waits.
    const seen = await until(
      () => offered('show', ''),
      ({ length }) => length === vends.length,
    );
    expect(seen).toEqual(vends);
    expect(await offered('watch', 'team-a-prod', 'team')).toEqual(['team-b-prod']);
    expect(await offered('cancel', 'team-e')).toEqual([]);
    expect(await offered('resolve', '')).toEqual(['team-b-prod']);
    expect(await offered('resolve', '--organization', '')).toEqual([]);
    expect(await offered('show', 'other', '')).toEqual([]);
    expect(await offered('show', "'")).toEqual([]);
  });

  test('bash breaks words at =, and replaces what stands behind it', async () => {
    const words = ['list', '--stage', '=', 'ca'];
    const { stdout } = await vend(['__complete', 'bash', ...words], { env });
    expect(stdout).toBe('cancelling\ncancelled\n');
    const none = await vend(['__complete', 'bash', 'list', '--stage', '='], { env });
    expect(none.stdout.split('\n')).toContain('queued');
  });
});

describe('where Temporal is away nothing is said, and soon', () => {
  let server: Server;
  const callers: Socket[] = [];
  beforeAll(async () => {
    server = createServer((socket) => callers.push(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    for (const socket of callers) socket.destroy();
    server.close();
  });

  const silent = () => `127.0.0.1:${(server.address() as { port: number }).port}`;
  test.each([
    ['refuses', () => '127.0.0.1:1'],
    ['is silent', silent],
    ['has a broken address', () => 'nonsense'],
  ])('it %s', async (_, address) => {
    const began = Date.now();
    const more = { env: { ...env, TEMPORAL_ADDRESS: address() } };
    const ended = await vend(['__complete', 'fish', 'show', ''], more);
    expect(Date.now() - began).toBeLessThan(SOON_MS);
    expect(ended).toEqual({ status: 0, stdout: expect.stringMatching(/^\s*$/), stderr: '' });
  });

  test('the process does not wait for a connection either', async () => {
    const ending = async (address: string) => {
      const { stdout, stderr } = await promisify(execFile)(
        process.execPath,
        [STARTER, '__complete', 'bash', 'show', ''],
        { env: { ...process.env, ...env, TEMPORAL_ADDRESS: address } },
      );
      expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' });
      return Date.now();
    };
    // Side by side: what starting Node takes depends on what else the machine does. Tab waits 1.5 s for an answer; for
    // what is left of the connection, a process that ends by itself waits two more.
    const [refused, unheard] = await Promise.all([ending('127.0.0.1:1'), ending(silent())]);
    expect(unheard - refused).toBeLessThan(3_000);
  });
});

describe.each([
  { shell: 'bash', start: ['bash', '--norc', '--noprofile', '-i'] },
  { shell: 'zsh', start: ['zsh', '-f', '-i'] },
  { shell: 'fish', start: ['fish', '--no-config', '-i'] },
])('in a real $shell', ({ shell, start }) => {
  const isThere = spawnSync(shell, ['--version']).status === 0;
  const really = isThere ? describe : describe.skip;
  let folder: string;
  let screen: Screen | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'vend-completion-'));
    symlinkSync(STARTER, join(folder, 'vend'));
    mkdirSync(join(folder, 'requests'));
    writeFileSync(join(folder, 'requests', 'one.yaml'), '');
    if (!isThere) {
      process.stderr.write(`${shell} is not installed: its completion is NOT tested here\n`);
      return;
    }
    const path = `${folder}:${process.env['PATH']}`;
    const home = { HOME: folder, PATH: path, PS1: '$ ' };
    screen = new Screen(start, { columns: 120, rows: 30, cwd: folder, env: { ...env, ...home } });
    const script = {
      bash: 'eval "$(vend completion bash)"',
      zsh: 'source <(vend completion zsh)',
      fish: 'vend completion fish | source',
    }[shell];
    screen.type(`${script}; echo rea''dy\r`);
    await screen.until(/^ready/m);
  });

  afterAll(async () => {
    await screen?.close();
    // A shell, or what it has begun, may still write there: it is taken away until it is gone.
    await untilTrue(() => {
      rmSync(folder, { recursive: true, force: true });
      return !existsSync(folder);
    });
  });

  /**
   * Types on a fresh line, presses Tab, and reads what then stands there. Once more where nothing was
   * completed: for a key nobody waits longer than a second or two.
   */
  async function tab(typed: string, shows: RegExp, keys = '\t'): Promise<string> {
    for (let attempt = 1; ; attempt += 1) {
      screen!.type(`${CTRL_U}clear\r`);
      await screen!.until(/^[^\n]*[$#] ?$/);
      screen!.type(`${typed}${keys}`);
      const text = await screen!.until(new RegExp(`${shows.source}|${typed}X$`));
      if (shows.test(text) || attempt === TABS) return text;
    }
  }

  test('the script is in that language, and names the command from anywhere', () => {
    const script = execFileSync(process.execPath, [STARTER, 'completion', shell], {
      encoding: 'utf8',
      cwd: folder,
    });
    expect(script).toContain(`node ${STARTER} __complete ${shell} `);
    writeFileSync(join(folder, 'script'), script);
    if (isThere) execFileSync(shell, ['-n', join(folder, 'script')]);
  });

  really('Tab completes', () => {
    // What is typed behind it shows whether a space was added.
    test('a command, an option, a value, a request ID', async () => {
      await tab('vend wa', /vend watch X$/, '\tX');
      await tab('vend list --esc', /vend list --escalated X$/, '\tX');
      await tab('vend list --stage conf', /--stage conforming X$/, '\tX');
      await tab('vend list --stage=conf', /--stage=conforming X$/, '\tX');
      await tab('vend show team-a', /vend show team-a-prod X$/, '\tX');
      const last = await tab('vend resolve ', /vend resolve team-b-prod X$/, '\tX');
      expect(last).not.toContain('command not found');
    });

    test('several are listed', async () => {
      const text = await tab('vend show team-', /team-a-prod[\s\S]*team-b-prod/, '\t\t');
      expect(text).not.toContain('team-ended');
    });

    test('a field to amend waits for its value, without a space', async () => {
      const text = await tab('vend resolve team-b-prod --amend em', /--amend email=X$/, '\tX');
      expect(text).not.toContain('email= X');
    });

    test('files, where a file is named, and nowhere else', async () => {
      await tab('vend start -f req', /-f requests\/X$/, '\tX');
      await tab('vend start --file=requests/o', /--file=requests\/one\.yaml X$/, '\tX');
      const none = await tab('vend cancel req', /vend cancel reqX$/, '\tX');
      expect(none).not.toContain('requests');
    });
  });
});
