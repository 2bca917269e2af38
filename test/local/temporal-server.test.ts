import { type ChildProcess, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { transformFileSync } from '@swc/core';
import { Client, Connection } from '@temporalio/client';
import { findTemporalCli } from '../../src/local/temporal-cli';
import { freePort, startTemporal } from '../../src/local/temporal-server';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'account-vending-server-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function isGoneWithin(pid: number, ms: number): Promise<boolean> {
  for (const deadline = Date.now() + ms; Date.now() < deadline; await pause(20)) {
    if (!isAlive(pid)) return true;
  }
  return !isAlive(pid);
}

async function withClient<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

describe('a development server', () => {
  test('answers with namespace, search attributes and Web UI, and leaves no process', async () => {
    const server = await startTemporal({
      ui: true,
      namespace: 'vending',
      searchAttributes: ['VendStage', 'VendRequestId'],
    });
    try {
      expect(server.address).toMatch(/^127\.0\.0\.1:\d+$/);
      const connection = await Connection.connect({ address: server.address });
      const client = new Client({ connection, namespace: server.namespace });
      await expect(client.workflow.count('VendStage = "queued"')).resolves.toMatchObject({
        count: 0,
      });
      await connection.close();
      const page = await fetch(`${server.uiUrl}/api/v1/settings`);
      expect(page.status).toBe(200);
      expect(isAlive(server.pid)).toBe(true);
    } finally {
      await server.close();
    }
    expect(isAlive(server.pid)).toBe(false);
    await expect(server.ended).resolves.toContain('SIGKILL');
    await server.close();
  });

  test('has no Web UI unless asked for one', async () => {
    const server = await startTemporal();
    await server.close();
    expect(server.uiUrl).toBeUndefined();
  });

  test('keeps workflows in its file when it is killed and started again', async () => {
    const options = {
      dbFilename: join(folder, 'temporal.db'),
      port: await freePort(),
      searchAttributes: ['VendRequestId'],
    };
    const first = await startTemporal(options);
    await withClient(first.address, (client) =>
      client.workflow.start('vendAccount', {
        taskQueue: 'nobody',
        workflowId: 'vend-kept',
        searchAttributes: { VendRequestId: ['kept'] },
      }),
    );
    process.kill(first.pid, 'SIGKILL');
    await expect(first.ended).resolves.toContain('SIGKILL');

    const second = await startTemporal(options);
    try {
      expect(second.address).toBe(first.address);
      const described = await withClient(second.address, (client) =>
        client.workflow.getHandle('vend-kept').describe(),
      );
      expect(described.status.name).toBe('RUNNING');
      expect(described.searchAttributes['VendRequestId']).toEqual(['kept']);
    } finally {
      await second.close();
      await first.close();
    }
    expect(isAlive(second.pid)).toBe(false);
  });

  test('does not heed settings that are meant for clients', async () => {
    process.env['TEMPORAL_NAMESPACE'] = 'somewhere-else';
    process.env['TEMPORAL_ADDRESS'] = '127.0.0.1:1';
    try {
      const server = await startTemporal();
      await server.close();
      expect(server.namespace).toBe('default');
    } finally {
      delete process.env['TEMPORAL_NAMESPACE'];
      delete process.env['TEMPORAL_ADDRESS'];
    }
  });
});

describe('a server that does not come up', () => {
  test('says so with its last lines', async () => {
    const dbFilename = join(folder, 'no', 'such', 'folder', 'temporal.db');
    await expect(startTemporal({ dbFilename })).rejects.toThrow(
      /ended before it answered: exit status 1\n.*(unable|no such|cannot)/is,
    );
  });

  /** A Go program that breaks says why first, and then where it was. */
  const PANIC = [
    'echo "panic: out of luck" >&2',
    'for n in $(seq 60); do echo "main.f$n()" >&2; done',
    'exit 2',
  ].join('\n');

  test('says why, where it breaks at every start', async () => {
    const executable = join(folder, 'temporal');
    writeFileSync(executable, `#!/bin/sh\n${PANIC}\n`, { mode: 0o755 });
    await expect(startTemporal({ executable })).rejects.toThrow(
      /ended before it answered: exit status 2\n\s+panic: out of luck\n\s+main\.f1\(\)/,
    );
  });

  test('is tried again where it broke while it started', async () => {
    const executable = join(folder, 'temporal');
    const marker = join(folder, 'broke');
    const { path } = await findTemporalCli();
    const first = `if [ ! -e ${marker} ]; then\ntouch ${marker}\n${PANIC}\nfi`;
    writeFileSync(executable, `#!/bin/sh\n${first}\nexec ${path} "$@"\n`, { mode: 0o755 });
    const server = await startTemporal({ executable });
    await server.close();
    expect(existsSync(marker)).toBe(true);
  });

  test('says so where the program is not there', async () => {
    const executable = join(folder, 'temporal');
    await expect(startTemporal({ executable })).rejects.toThrow(
      /ended before it answered: .*ENOENT/,
    );
  });

  test('says so where it never answers, and is ended', async () => {
    const executable = join(folder, 'temporal');
    const pidFile = join(folder, 'pid');
    writeFileSync(executable, `#!/bin/sh\necho $$ > ${pidFile}\nexec sleep 60\n`, { mode: 0o755 });
    await expect(startTemporal({ executable, startTimeoutMs: 3_000 })).rejects.toThrow(
      /did not listen within 3 s/,
    );

    expect(isAlive(Number(readFileSync(pidFile, 'utf8')))).toBe(false);
  });

  test('says so where the port is taken', async () => {
    const port = await freePort();
    const holder = createServer().listen(port, '127.0.0.1');
    try {
      await expect(startTemporal({ port })).rejects.toThrow(`port ${port} is taken`);
      await expect(freePort(port)).resolves.not.toBe(port);
    } finally {
      holder.close();
    }
  });
});

describe('the end of the process that started it', () => {
  /** Another process that starts a server and stays; its source is compiled by swc. */
  async function startElsewhere(): Promise<{ parent: ChildProcess; pid: number }> {
    const compiled = join(folder, 'local');
    mkdirSync(compiled);
    symlinkSync(join(__dirname, '../../node_modules'), join(folder, 'node_modules'));
    const source = join(__dirname, '../../src/local');
    for (const name of readdirSync(source).filter((each) => !each.startsWith('demo'))) {
      const { code } = transformFileSync(join(source, name), {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
      });
      writeFileSync(join(compiled, name.replace(/ts$/, 'js')), code);
    }
    const script =
      "require(process.argv[1]).startTemporal().then((s) => console.log('pid ' + s.pid));";
    const parent = spawn(process.execPath, ['-e', script, join(compiled, 'temporal-server.js')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = await new Promise<number>((resolve, reject) => {
      parent.stdout?.on('data', (data) => resolve(Number(/pid (\d+)/.exec(String(data))?.[1])));
      parent.once('exit', () => reject(new Error('it ended')));
    });
    return { parent, pid };
  }

  test.each(['SIGKILL', 'SIGTERM'] as const)('by %s ends the server too', async (signal) => {
    const { parent, pid } = await startElsewhere();
    expect(isAlive(pid)).toBe(true);
    parent.kill(signal);
    expect(await isGoneWithin(pid, 30_000)).toBe(true);
  });
});
