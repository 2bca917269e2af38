import type { RequiredPack } from '../../src/domain/policy';
import type { PackSetup } from '../../src/simulator';
import { refuse, valueOf, withRig } from './rig';
import type { Rig, RigOptions } from './rig';

const startRig = withRig();
const STATUSES = 'DescribeOrganizationConformancePackStatuses';
const OWNER = '111122223333';
const OTHER = '444455556666';
const roleOf = (accountId: string) => ({ roleArn: `arn:aws:iam::${accountId}:role/PackReader` });

async function withOwners(
  owners: object[],
  packs: PackSetup[],
  options: RigOptions = {},
): Promise<Rig> {
  return startRig({
    ...options,
    configuration: { conformance: { owners } },
    simulator: {
      knobs: { configPageSize: 100, emptyPageRate: 0 },
      organization: {
        accounts: [
          { id: OWNER, email: 'owner@example.com' },
          { id: OTHER, email: 'other-owner@example.com' },
        ],
        packs,
      },
      ...options.simulator,
    },
  });
}

let admissions = 0;
function admit(rig: Rig, conformance: object) {
  admissions += 1;
  const requestId = `vend-${admissions}`;
  const email = `${requestId}@example.com`;
  const request = { requestId, accountName: 'Team A', email, conformance };
  return rig.do.admit({ request, scope: 'all' });
}

async function requiredBy(rig: Rig, conformance: object): Promise<RequiredPack[]> {
  const answer = valueOf(await admit(rig, conformance));
  if (answer.admitted) return answer.admission.conformance.required;
  throw new Error(JSON.stringify(answer.problems));
}

async function problemsOf(rig: Rig, conformance: object) {
  const answer = valueOf(await admit(rig, conformance));
  if (!answer.admitted) return answer.problems;
  throw new Error('It was admitted.');
}

const named = (packs: RequiredPack[]) =>
  packs.map(({ region, pack, owner }) => `${region}/${owner ? `${owner}/` : ''}${pack}`).toSorted();

describe('packs of other owners', () => {
  const PACKS: PackSetup[] = [
    { name: 'Baseline', region: 'eu-west-1' },
    { name: 'Baseline', region: 'eu-west-1', ownerAccountId: OWNER },
    { name: 'Theirs', region: 'eu-west-1', ownerAccountId: OTHER },
    { name: 'Theirs', region: 'us-east-1', ownerAccountId: OTHER },
  ];
  const regions = ['eu-west-1'];

  test('count with `all`; of one name at two owners there are two', async () => {
    const rig = await withOwners([roleOf(OWNER), roleOf(OTHER)], PACKS);
    expect(named(await requiredBy(rig, { regions }))).toEqual([
      `eu-west-1/${OWNER}/Baseline`,
      `eu-west-1/${OTHER}/Theirs`,
      'eu-west-1/Baseline',
    ]);
  });

  test('are named by their name alone, and all of that name are meant', async () => {
    const rig = await withOwners([roleOf(OWNER), roleOf(OTHER)], PACKS);
    expect(named(await requiredBy(rig, { regions, packs: ['Theirs'] }))).toEqual([
      `eu-west-1/${OTHER}/Theirs`,
    ]);
    expect(named(await requiredBy(rig, { regions, packs: ['Baseline'] }))).toEqual([
      `eu-west-1/${OWNER}/Baseline`,
      'eu-west-1/Baseline',
    ]);
    expect(named(await requiredBy(rig, { regions, packs: ['us-east-1/Theirs'] }))).toEqual([
      `us-east-1/${OTHER}/Theirs`,
    ]);
  });

  test('of owners that the configuration does not name do not count', async () => {
    const rig = await withOwners([roleOf(OWNER)], PACKS);
    const packs = ['Theirs'];
    expect(await problemsOf(rig, { regions, packs })).toEqual([
      { field: 'conformance.packs[0]', message: expect.stringContaining('eu-west-1') },
    ]);
  });

  test('are enough for a region; one without any at any owner is refused', async () => {
    const rig = await withOwners([roleOf(OWNER), roleOf(OTHER)], PACKS);
    expect(named(await requiredBy(rig, { regions: ['us-east-1'] }))).toEqual([
      `us-east-1/${OTHER}/Theirs`,
    ]);
    const both = await problemsOf(rig, { regions: ['us-east-1', 'eu-central-1'] });
    expect(both).toEqual([
      { field: 'conformance.regions', message: expect.stringContaining('eu-central-1') },
    ]);
  });

  test('are looked for in the regions of the owner alone', async () => {
    const rig = await withOwners([{ ...roleOf(OTHER), regions }], PACKS);
    expect(named(await requiredBy(rig, { regions }))).toContain(`eu-west-1/${OTHER}/Theirs`);
    expect(await problemsOf(rig, { regions: ['us-east-1'] })).toMatchObject([
      { field: 'conformance.regions' },
    ]);
    const asked = rig.simulator.journal().filter(({ region }) => region === 'us-east-1');
    const callers = asked.filter(({ service }) => service === 'config');
    expect(callers.map(({ callerAccountId }) => callerAccountId)).toEqual([
      rig.simulator.managementAccountId,
    ]);
  });

  test('that cannot be asked for are no packs that are not there', async () => {
    const rig = await withOwners([roleOf('777788889999')], PACKS);
    expect(await admit(rig, { regions })).toMatchObject({
      ok: false,
      error: { operation: STATUSES, name: 'AccessDenied' },
    });
  });
});

describe('admissions at the same time', () => {
  const regions = ['eu-west-1', 'us-east-1', 'eu-central-1'];
  const PACKS = regions.map((region) => ({ name: 'Baseline', region }));

  test.each([0, 20])('ask AWS Config together (%p ms between two calls)', async (configEveryMs) => {
    const rig = await withOwners([], PACKS, { configEveryMs });
    const all = await Promise.all(Array.from({ length: 20 }, () => requiredBy(rig, { regions })));
    for (const required of all) {
      expect(named(required)).toEqual(regions.map((region) => `${region}/Baseline`).toSorted());
    }
    for (const region of regions) {
      const calls = rig.simulator.journal().filter((entry) => entry.region === region);
      expect(calls.filter(({ operation }) => operation === STATUSES).length).toBeLessThan(3);
    }
  });

  test('see what was there when they began, though an older answer is under way', async () => {
    const rig = await withOwners([], PACKS);
    const { simulator, clock } = rig;
    simulator.inject({ operation: STATUSES, kind: 'delay', delayMs: 1_000 });
    const before = requiredBy(rig, { regions: ['eu-west-1'] });
    while (rig.calls(STATUSES).length === 0) await new Promise((resolve) => setImmediate(resolve));
    simulator.putConformancePack({ name: 'New', region: 'eu-west-1' });
    const after = requiredBy(rig, { regions: ['eu-west-1'] });
    // Time to join what is under way, if it did.
    await new Promise((resolve) => setTimeout(resolve, 50));
    clock.advance(1_000);
    expect(named(await before)).toEqual(['eu-west-1/Baseline']);
    expect(named(await after)).toEqual(['eu-west-1/Baseline', 'eu-west-1/New']);
  });

  test('see every pack that was put before them, however they overlap', async () => {
    const rig = await withOwners([], PACKS, { configEveryMs: 3 });
    const began = [];
    for (let n = 1; n <= 40; n += 1) {
      rig.simulator.putConformancePack({ name: `New-${n}`, region: 'eu-west-1' });
      began.push({ n, required: requiredBy(rig, { regions: ['eu-west-1'] }) });
      await new Promise((resolve) => setTimeout(resolve, n % 3));
    }
    for (const { n, required } of began) {
      expect(named(await required)).toContain(`eu-west-1/New-${n}`);
    }
    expect(rig.calls(STATUSES).length).toBeLessThan(40);
  });

  test('are not answered with a refusal that an older one got', async () => {
    const rig = await withOwners([], PACKS);
    rig.simulator.inject(refuse(STATUSES, 'AccessDeniedException'));
    const before = admit(rig, { regions: ['eu-west-1'] });
    while (rig.calls(STATUSES).length === 0) await new Promise((resolve) => setImmediate(resolve));
    const after = admit(rig, { regions: ['eu-west-1'] });
    expect(await before).toMatchObject({ ok: false });
    expect(valueOf(await after)).toMatchObject({ admitted: true });
  });
});
