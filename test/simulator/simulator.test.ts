import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListAccountsCommand } from '@aws-sdk/client-organizations';
import {
  ManualClock,
  WallClock,
  startSimulator,
  type Simulator,
  type SimulatorSnapshot,
} from '../../src/simulator';
import {
  create,
  creation,
  destroyClients,
  failure,
  finish,
  organizationsClient,
  startRig,
  status,
  type Rig,
} from './clients';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig({ knobs: { emptyPageRate: 0 } });
});
afterEach(() => rig.close());

describe('the control API', () => {
  const get = async (verb: string) => (await fetch(`${rig.simulator.url}/_sim/${verb}`)).json();
  const post = async (verb: string, body: unknown, type = 'application/json') => {
    const answer = await fetch(`${rig.simulator.url}/_sim/${verb}`, {
      method: 'POST',
      headers: { 'Content-Type': type },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  it('sets an organization up, turns knobs, injects, advances and reads', async () => {
    const unit = await post('add-organizational-unit', { path: 'Workloads/Prod' });
    const account = await post('add-account', {
      email: 'a@example.com',
      parentId: unit.body['id'],
      tags: { a: 'b' },
    });
    await post('take-email', { email: 'foreign@example.com' });
    await post('put-conformance-pack', { name: 'P', region: 'us-east-1' });
    const row = { region: 'us-east-1', pack: 'P', accountId: account.body['id'] };
    await post('set-pack-row', { ...row, status: 'CREATE_FAILED', errorCode: 'C' });
    const before = (await get('snapshot')) as SimulatorSnapshot;
    expect(before.accounts[1]).toMatchObject({
      id: account.body['id'],
      parentId: unit.body['id'],
      tags: { a: 'b' },
    });
    expect(before.organizationalUnits.map(({ path }) => path)).toEqual([
      'Workloads',
      'Workloads/Prod',
    ]);
    expect(before.packs).toMatchObject([{ name: 'P', status: 'CREATE_FAILED' }]);
    await post('clear-pack-row', row);
    await post('set-pack-status', { region: 'us-east-1', pack: 'P', status: 'UPDATE_IN_PROGRESS' });
    await post('set', { managementIssue: 'MISSING_PAYMENT_INSTRUMENT' });
    expect(await get('knobs')).toMatchObject({ managementIssue: 'MISSING_PAYMENT_INSTRUMENT' });
    await post('inject', { operation: 'ListAccounts', kind: 'html', status: 502 });
    expect(await failure(rig.organizations.send(new ListAccountsCommand({})))).toMatchObject({
      status: 502,
    });
    await create(rig, 'b@example.com', 'r');
    await post('advance', { ms: 1000 });
    const after = (await get('snapshot')) as SimulatorSnapshot;
    expect(after.time - before.time).toBe(1000);
    expect(after.packs).toMatchObject([{ name: 'P', status: 'UPDATE_IN_PROGRESS' }]);
    expect(after.requests).toMatchObject([
      { state: 'FAILED', failureReason: 'MISSING_PAYMENT_INSTRUMENT' },
    ]);
    expect(await get('committed-creations')).toEqual({ r: 1 });
    expect(await get('created-accounts')).toEqual({});
    expect(await get('journal')).toHaveLength(2);
    await post('remove-conformance-pack', { region: 'us-east-1', name: 'P' });
    await post('reset', {});
    const reset = (await get('snapshot')) as SimulatorSnapshot;
    expect(reset).toMatchObject({ organizationalUnits: [], requests: [], packs: [] });
    expect(reset.accounts).toHaveLength(1);
    expect(await get('journal')).toEqual([]);
  });

  it('refuses what it does not know, and says what is wrong', async () => {
    expect(await post('set', { creationMS: 1 })).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('creationMS') },
    });
    expect(await post('inject', { kind: 'earthquake' })).toMatchObject({ status: 400 });
    expect(await post('explode', {})).toMatchObject({ status: 404 });
    expect(await post('reset', {}, 'text/plain')).toMatchObject({ status: 415 });
    expect(await post('remove-organizational-unit', { id: 'ou-0000-00000000' })).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('OrganizationalUnitNotFoundException') },
    });
    expect(() => rig.simulator.set({ emptyPageRate: 1 })).toThrow('emptyPageRate');
  });
});

describe('a seed', () => {
  async function life(seed: number): Promise<SimulatorSnapshot> {
    const other = await startRig({ seed, profile: 'real', knobs: { accountQuota: 100 } });
    const ids = [];
    for (let n = 0; n < 3; n += 1) {
      ids.push(await create(other, `a${n}@example.com`).catch(() => ''));
    }
    other.clock.advance(3_600_000);
    for (const id of ids.filter(Boolean)) {
      other.clock.advance(1000);
      await status(other, id);
    }
    const snapshot = other.simulator.snapshot();
    await other.simulator.close();
    return snapshot;
  }

  it('makes the same world again, and another seed another one', async () => {
    const first = await life(7);
    expect(await life(7)).toEqual(first);
    const other = await life(8);
    expect(other.organizationId).not.toBe(first.organizationId);
    expect(other.requests.map(({ id }) => id)).not.toEqual(first.requests.map(({ id }) => id));
  });
});

describe('a state file', () => {
  it('keeps the world over a restart, and time does not go back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'simulator-'));
    const stateFile = join(folder, 'deep', 'state.json');
    const first = await startRig({ stateFile });
    const { AccountId } = await finish(first, 'a@example.com', 'r');
    const open = await create(first, 'b+slow-60@example.com', 's');
    const before = first.simulator.snapshot();
    await first.simulator.close();

    const clock = new ManualClock(0);
    const second = await startSimulator({ profile: 'test', clock, stateFile });
    expect(clock.now()).toBe(before.time);
    expect(second.snapshot()).toEqual(before);
    expect(second.committedCreations()).toEqual({ r: 1, s: 1 });
    clock.advance(60_000);
    const later = second.snapshot();
    expect(later.requests.find(({ id }) => id === open)?.state).toBe('SUCCEEDED');
    expect(later.accounts.map(({ id }) => id)).toContain(AccountId);
    await second.close();
    rmSync(folder, { recursive: true });
  });
});

describe('time', () => {
  it('of a manual clock goes forward only', () => {
    const clock = new ManualClock(1000);
    clock.advance(5);
    clock.set(1005);
    expect(clock.now()).toBe(1005);
    expect(() => clock.set(1004)).toThrow('never goes backwards');
    expect(() => clock.advance(-1)).toThrow('never goes backwards');
  });

  it('of a sped-up clock runs by its factor', async () => {
    const clock = new WallClock(1000);
    const start = clock.now();
    await clock.sleep(100_000);
    expect(clock.now() - start).toBeGreaterThanOrEqual(95_000);
    clock.advance(3_600_000);
    expect(clock.now() - start).toBeGreaterThanOrEqual(3_600_000);
  });

  it('can be fast with real clients, whose clock stays right', async () => {
    const simulator = await startSimulator({
      profile: 'real',
      speed: 600,
      knobs: { rateFactor: 0 },
    });
    const client = organizationsClient(simulator.url);
    await client.send(creation('a+slow-60@example.com'));
    expect(Math.abs(client.config.systemClockOffset)).toBeLessThan(5000);
    for (let n = 0; n < 200 && simulator.snapshot().accounts.length < 2; n += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(simulator.snapshot().accounts).toHaveLength(2);
    await simulator.close();
  });
});

describe('profiles', () => {
  let simulator: Simulator | undefined;
  afterEach(() => simulator?.close());

  it.each(['real', 'demo'] as const)('%s has units and packs', async (profile) => {
    simulator = await startSimulator({ profile });
    const { organizationalUnits, packs } = simulator.snapshot();
    expect(organizationalUnits.map(({ path }) => path)).toEqual([
      'Workloads',
      'Workloads/Dev',
      'Workloads/Prod',
      'Sandbox',
      'Security',
    ]);
    expect(packs.map(({ name, region, status: state }) => [name, region, state])).toEqual([
      ['Operational-Best-Practices', 'us-east-1', 'CREATE_SUCCESSFUL'],
      ['Security-Baseline', 'us-east-1', 'CREATE_SUCCESSFUL'],
    ]);
  });
});

describe('close', () => {
  it('ends calls that hang', async () => {
    const other = await startSimulator({ profile: 'test' });
    other.inject({ kind: 'hang' });
    const call = failure(organizationsClient(other.url).send(new ListAccountsCommand({})));
    while (other.journal().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await other.close();
    expect((await call).code).toBe('ECONNRESET');
    destroyClients();
  });
});

describe('the documentation', () => {
  it('names every knob and every verb', async () => {
    const text = readFileSync(join(__dirname, '../../docs/simulator.md'), 'utf8');
    const answer = await fetch(`${rig.simulator.url}/_sim/knobs`);
    const knobs = Object.keys((await answer.json()) as object);
    expect(knobs.length).toBeGreaterThan(40);
    expect(knobs.filter((knob) => !text.includes(`\`${knob}\``))).toEqual([]);
    const help = await fetch(`${rig.simulator.url}/_sim`);
    const { verbs } = (await help.json()) as { verbs: { GET: string[]; POST: string[] } };
    const missing = [
      ...verbs.GET.filter((verb) => !text.includes(`$SIM/${verb}`)),
      ...verbs.POST.filter((verb) => !text.includes(`post ${verb} `)),
    ];
    expect(missing).toEqual([]);
  });
});
