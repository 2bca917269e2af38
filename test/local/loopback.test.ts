import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import { vend } from '../cli/run-vend';
import { startCodecServer } from '../../src/codec-server';
import { encryptionFromEnvironment, newEncryptionKey } from '../../src/encryption';
import { startTemporal } from '../../src/local/temporal-server';
import { startSimulator } from '../../src/simulator';

/** Unless told otherwise, nothing of ours can be reached from another machine. */

/** Addresses of this machine by which others reach it. */
const OUTSIDE = Object.values(networkInterfaces())
  .flat()
  .filter((one) => one && !one.internal && one.family === 'IPv4')
  .map((one) => one?.address ?? '');

const isOpen = (host: string, port: number) =>
  new Promise<boolean>((done) => {
    const socket = connect({ host, port, timeout: 5_000 });
    const end = (open: boolean) => {
      socket.destroy();
      done(open);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });

async function reachedFrom(port: number): Promise<string[]> {
  const hosts = ['127.0.0.1', ...OUTSIDE];
  const open = await Promise.all(hosts.map((host) => isOpen(host, port)));
  return hosts.filter((_, index) => open[index]);
}

const ON_LINUX = existsSync('/proc/net/tcp');

/** Where a process listens, as Linux tells it: `0100007F:1F90`. */
function listenersOf(pid: number): string[] {
  if (!ON_LINUX) return [];
  const sockets = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  return ['tcp', 'tcp6'].flatMap((family) =>
    readFileSync(`/proc/${pid}/net/${family}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === '0A' && sockets.has(inode ?? ''))
      .map(([, local]) => local ?? ''),
  );
}

/** IPv4 in reversed bytes, also as IPv6 writes it; and ::1. */
const HERE = /^(?:(?:0{16}F{4}0{4}|0{16}0{4}F{4})?[0-9A-F]{6}7F|0{24}01000000):/;

test('the simulator', async () => {
  const simulator = await startSimulator();
  expect(await reachedFrom(simulator.port)).toEqual(['127.0.0.1']);
  await simulator.close();
});

test('the simulator where it is told to listen everywhere', async () => {
  const simulator = await startSimulator({ host: '0.0.0.0' });
  expect(await reachedFrom(simulator.port)).toEqual(['127.0.0.1', ...OUTSIDE]);
  await simulator.close();
});

test.each([
  [['--host', '0.0.0.0'], true],
  [[], false],
])('vend simulator %j: warned of: %s', async (flags, isWarned) => {
  const starter = resolve(__dirname, '../../lib/starter.js');
  const child = spawn(process.execPath, [starter, 'simulator', ...flags]);
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await new Promise<void>((done) => child.stdout.once('data', () => done()));
  child.kill('SIGINT');
  await new Promise((done) => child.once('close', done));
  expect(/asks nobody who they are/.test(stderr)).toBe(isWarned);
});

test('the codec server, whose command asks for a token as well', async () => {
  const key = newEncryptionKey('k');
  const [codec] = encryptionFromEnvironment({ VEND_ENCRYPTION_KEYS: key }).payloadCodecs;
  const { status, stderr } = await vend(['codec-server', '--host', '0.0.0.0', '--no-auth'], {
    env: { VEND_ENCRYPTION_KEYS: key },
  });
  expect([status, stderr]).toEqual([2, expect.stringContaining('--no-auth is for this machine')]);
  const { stdout: help } = await vend(['codec-server', '--help']);
  expect(help).toMatch(/--host <address> +address to listen on \(default: "127\.0\.0\.1"\)/);
  const server = await startCodecServer({
    codec,
    host: '127.0.0.1',
    port: 0,
    uiOrigins: [],
    token: 't'.repeat(24),
    publicOrigin: undefined,
    log: () => {},
  });
  expect(await reachedFrom(Number(new URL(server.url).port))).toEqual(['127.0.0.1']);
  await server.close();
});

test("the demo's Temporal and its Web UI, on every port that they open", async () => {
  const server = await startTemporal({ ui: true });
  for (const port of [server.address, server.uiUrl ?? '']) {
    expect(await reachedFrom(Number(/:(\d+)\/?$/.exec(port)?.[1]))).toEqual(['127.0.0.1']);
  }
  const listeners = listenersOf(server.pid);
  expect(listeners.length).toBeGreaterThan(ON_LINUX ? 1 : -1);
  expect(listeners.filter((local) => !HERE.test(local))).toEqual([]);
  await server.close();
});
