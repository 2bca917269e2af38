/** One contestant, one fault, one organization: what it said, and what was true. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startFront } from './front.mjs';

const require = createRequire(import.meta.url);
const { simulatedAws, withoutSettings } = require('../../lib/local/isolated.js');
const { startSimulator } = require('../../lib/simulator/index.js');

const TAGS = { team: 'bench' };
const LOOK_MS = 250;
/** So long the answer is on its way when its process is killed. */
const KILL_AFTER_MS = 1_000;
/** When a pipeline, or a process manager, starts again what was killed. */
const RESTART_MS = 3_000;
/** When a person runs again what has failed. */
const AGAIN_MS = 30_000;

/** AWS as documented, with its rates, but without lag and empty pages, which are not what is measured. */
const KNOBS = {
  latencyMs: 100,
  createAccountLatencyMs: 850,
  rateFactor: 1,
  pageSize: 20,
  emptyPageRate: 0,
};

const folders = new Set();
process.once('exit', () => {
  for (const folder of folders) remove(folder);
});

function remove(folder) {
  rmSync(folder, { recursive: true, force: true });
  folders.delete(folder);
}

/**
 * @param open starts a contestant
 * @param seed of the simulator: the same for all whose creations are to be the same
 * @param bench Temporal and its client
 * @param again whether what has failed is run once more
 * @param limitMs what has not ended by then is counted as not ended
 */
export async function trial({
  name,
  open,
  fault,
  seed,
  bench,
  count = 1,
  creationMs,
  again = false,
  limitMs,
}) {
  const knobs = { ...KNOBS, creationMs };
  // An organization of its own, since the gate is found by its id, and that comes of the seed.
  const simulator = await startSimulator({ profile: 'test', seed, knobs });
  const front = await startFront(simulator);
  const folder = mkdtempSync(join(tmpdir(), 'bench-peers-'));
  folders.add(folder);
  const unit = simulator.addOrganizationalUnit('Workloads');
  const accounts = Array.from({ length: count }, (_, n) => ({
    requestId: `p${seed}-${n}`,
    accountName: `Account ${seed}-${n}`,
    email: `p${seed}-${n}${fault.word ? `+${fault.word}` : ''}@example.com`,
    tags: TAGS,
    unit,
  }));
  fault.before?.(simulator, accounts[0]);
  if (fault.inject) simulator.inject(fault.inject);
  let contestant;
  try {
    const taskQueue = `peers-${seed}-${name}`;
    const world = {
      simulator,
      accounts,
      folder,
      ...bench,
      taskQueue,
      env: environment(front, folder),
    };
    contestant = await open(world);
    front.calls.length = 0;
    const startedAt = Date.now();
    const said = await runAll({
      contestant,
      front,
      fault,
      again,
      simulator,
      accounts,
      deadline: startedAt + limitMs,
    });
    return {
      contestant: name,
      fault: fault.name,
      count,
      again,
      said,
      ...tally(simulator, front.calls, accounts),
      startedAt,
    };
  } finally {
    await contestant?.close();
    await front.close();
    await simulator.close();
    remove(folder);
  }
}

/** Nothing of this machine that could lead to a real account. */
function environment(front, folder) {
  return {
    ...withoutSettings(process.env),
    ...simulatedAws(front.url),
    HOME: folder,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}

/** Each run: what it said, when, and whether that was so. */
async function runAll({ contestant, front, fault, again, simulator, accounts, deadline }) {
  const said = [];
  const run = async () => {
    const limit = new AbortController();
    const late = pause(
      Math.max(0, deadline - Date.now()),
      { says: 'not ended' },
      { signal: limit.signal },
    );
    late.catch(() => undefined);
    const outcome = await Promise.race([contestant.run(), late]);
    limit.abort();
    said.push({ ...outcome, atMs: Date.now() });
  };
  if (fault.kills) {
    let isRunning = true;
    const running = run().finally(() => (isRunning = false));
    await killOnCreation(contestant, front, () => isRunning);
    await running;
    await pause(RESTART_MS);
  }
  await run();
  said.at(-1).isTrue = await isTrue(said.at(-1), simulator, accounts);
  if (said.at(-1).says === 'failure' && again && !fault.isHopeless) {
    await pause(AGAIN_MS);
    await run();
    said.at(-1).isTrue = await isTrue(said.at(-1), simulator, accounts);
  }
  return said;
}

async function killOnCreation(contestant, front, isRunning) {
  const isSent = () => front.calls.some(({ operation }) => operation === 'CreateAccount');
  while (isRunning() && !isSent()) await pause(LOOK_MS);
  await pause(KILL_AFTER_MS);
  // Who has ended before has not been killed, and its next run must not be.
  if (isRunning()) contestant.kill();
}

/**
 * Success: each account is where it should be, with its tags. Failure: there is none. A person is asked:
 * there is none, and it says so. Judged when AWS has ended all that it had begun.
 */
async function isTrue({ says }, simulator, accounts) {
  if (says === 'not ended') return undefined;
  if (says === 'success')
    return accounts.every((account) => isReady(simulator.snapshot(), account));
  while (simulator.snapshot().requests.some(({ state }) => state === 'IN_PROGRESS')) {
    await pause(LOOK_MS);
  }
  const made = madeFor(simulator.snapshot(), accounts);
  return made.length === 0;
}

function madeFor(snapshot, accounts) {
  const emails = new Set(accounts.map(({ email }) => email));
  return snapshot.accounts.filter(({ email }) => emails.has(email));
}

function isReady(snapshot, { email, unit }) {
  const account = snapshot.accounts.find((one) => one.email === email);
  return account?.parentId === unit && account.tags.team === TAGS.team;
}

function tally(simulator, calls, accounts) {
  const snapshot = simulator.snapshot();
  const creations = calls.filter(({ operation }) => operation === 'CreateAccount');
  const requests = snapshot.requests.toSorted((one, other) => one.requestedAt - other.requestedAt);
  return {
    creations: creations.length,
    accepted: requests.length,
    doubles: requests.filter((request, n) => isDouble(request, requests.slice(0, n))).length,
    made: madeFor(snapshot, accounts).length,
    ready: accounts.filter((account) => isReady(snapshot, account)).length,
    calls: calls.length,
    organizations: calls.filter(({ service }) => service === 'organizations').length,
    looks: calls.filter(({ operation }) => operation === 'DescribeCreateAccountStatus').length,
    throttled: simulator.journal().filter(({ error }) => error === 'TooManyRequestsException')
      .length,
    durations: requests
      .filter(({ state }) => state === 'SUCCEEDED')
      .map(({ requestedAt, completedAt }) => completedAt - requestedAt),
    lags: requests.map((request) => lagOf(request, calls)).filter((lag) => lag !== undefined),
  };
}

/** Only the address keeps it from being a second account. */
function isDouble({ email, requestedAt }, earlier) {
  return earlier.some(
    (one) => one.email === email && (one.state !== 'FAILED' || one.completedAt > requestedAt),
  );
}

/** From SUCCEEDED at AWS to the next call about that creation or account that AWS answered. */
function lagOf({ state, id, accountId, completedAt }, calls) {
  if (state !== 'SUCCEEDED') return undefined;
  const next = calls.find(
    ({ atMs, text, status }) =>
      atMs >= completedAt && status === 200 && (text.includes(id) || text.includes(accountId)),
  );
  return next && next.atMs - completedAt;
}
