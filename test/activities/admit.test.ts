import { REQUEST_TAG } from '../../src/contract';
import type { FieldProblem } from '../../src/contract';
import type { Admission } from '../../src/domain/policy';
import { refuse, valueOf, withRig } from './rig';
import type { Rig, RigOptions } from './rig';

const startRig = withRig();
const HOUR = 3_600_000;
const REQUEST = {
  requestId: 'vend',
  accountName: 'Team A',
  email: 'root.of.a@example.com',
  conformance: false,
};
type Conformance = Record<string, unknown>;

const check = (rig: Rig, request: unknown, scope: 'all' | 'without-conformance' = 'all') =>
  rig.do.admit({ request, scope });

async function admission(rig: Rig, changes: Conformance = {}): Promise<Admission> {
  const answer = valueOf(await check(rig, { ...REQUEST, ...changes }));
  if (answer.admitted) return answer.admission;
  throw new Error(JSON.stringify(answer.problems));
}

async function problems(rig: Rig, changes: Conformance = {}): Promise<FieldProblem[]> {
  const answer = valueOf(await check(rig, { ...REQUEST, ...changes }));
  if (!answer.admitted) return answer.problems;
  throw new Error('It was admitted.');
}

/** Whatever was asked, nothing may have been created or changed. */
function onlyRead(rig: Rig): void {
  const writes = rig.calls().filter((name) => !/^(?:List|Describe|Get)/.test(name));
  if (writes.length > 0) throw new Error(`wrote: ${writes.join(', ')}`);
}

test('a unit that is an address by mistake is not repeated: the failure stands in logs', async () => {
  const rig = await startRig();
  const [problem] = await problems(rig, { organizationalUnit: 'root.of.a@example.com' });
  expect(problem).toEqual({
    field: 'organizationalUnit',
    message: expect.stringMatching(/^names the organizational unit "\[hidden\]", which does not/),
  });
});

describe('an admitted request', () => {
  test('stands in the root by default, with the organization and the proof tag', async () => {
    const rig = await startRig();
    expect(await admission(rig)).toMatchObject({
      organizationId: rig.simulator.organizationId,
      rootId: rig.simulator.rootId,
      organizationalUnitId: rig.simulator.rootId,
      request: {
        requestId: 'vend',
        kind: 'standard',
        accountName: 'Team A',
        email: 'root.of.a@example.com',
        tags: { [REQUEST_TAG]: 'vend' },
      },
      conformance: { required: [], scope: 'account', deadlineMs: 8 * HOUR },
    });
    onlyRead(rig);
  });

  test("takes the configuration's defaults, and its own values before them", async () => {
    const rig = await startRig({
      configuration: {
        installation: 'east',
        defaults: { roleName: 'House', iamUserAccessToBilling: 'DENY' },
        tags: { Owner: 'platform', Team: 'none' },
      },
    });
    const { request } = await admission(rig, { roleName: 'Mine', tags: { Team: 'a' } });
    expect(request).toMatchObject({ roleName: 'Mine', iamUserAccessToBilling: 'DENY' });
    expect(request.tags).toEqual({ Owner: 'platform', Team: 'a', [REQUEST_TAG]: 'east/vend' });
  });

  test('brings in an account without name and address', async () => {
    const rig = await startRig();
    const answer = valueOf(
      await check(rig, {
        requestId: 'vend',
        existingAccountId: '012345678901',
        conformance: false,
      }),
    );
    expect(answer).toMatchObject({
      admitted: true,
      admission: { request: { existingAccountId: '012345678901' } },
    });
  });

  test('carries the policy of the worker in milliseconds', async () => {
    const rig = await startRig({
      configuration: { creation: { poll: { initial: '2s' }, overdueAfter: '45m' } },
    });
    const { policy } = await admission(rig);
    expect(policy.creation).toMatchObject({
      perVend: 10,
      poll: { initialMs: 2_000, factor: 1.5, maxMs: 30_000 },
      overdueAfterMs: 2_700_000,
      reconcile: { settleMs: 10_000, attempts: 4 },
      retry: { initialMs: 60_000, maxMs: HOUR, attempts: 5 },
    });
    expect(policy.conformance).toMatchObject({ recorderGraceMs: 1_800_000 });
  });
});

describe('every problem names its field, and AWS is not asked', () => {
  test.each<[string, Conformance]>([
    ['requestId', { requestId: 'Not An Id' }],
    ['accountName', { accountName: '' }],
    ['accountName', { accountName: 'a'.repeat(51) }],
    ['accountName', { kind: 'govcloud', accountName: 'no spaces here' }],
    ['email', { email: 'nobody' }],
    ['kind', { kind: 'other' }],
    ['roleName', { roleName: 'no spaces' }],
    ['iamUserAccessToBilling', { iamUserAccessToBilling: 'MAYBE' }],
    ['organizationId', { organizationId: 'x' }],
    ['existingAccountId', { existingAccountId: '12' }],
    ['tags.aws:x', { tags: { 'aws:x': '1' } }],
    ['conformance.packs[0]', { conformance: { packs: ['not a name'] } }],
    ['conformance.deadline', { conformance: { deadline: 'soon' } }],
    ['mail', { mail: 'x' }],
  ])('%s: %j', async (field, changes) => {
    const rig = await startRig();
    const found = await problems(rig, changes);
    expect(found.map((problem) => problem.field)).toContain(field);
    expect(JSON.stringify(found)).not.toContain('root.of.a@example.com');
    expect(rig.calls()).toEqual([]);
  });

  test('several at once are all told', async () => {
    const rig = await startRig();
    const found = await problems(rig, { email: 'nobody', accountName: '', kind: 'other' });
    expect(found.map(({ field }) => field).toSorted()).toEqual(['accountName', 'email', 'kind']);
  });

  test.each([null, 'text', 7, [], undefined])('%j is no request', async (request) => {
    const rig = await startRig();
    expect(valueOf(await check(rig, request))).toMatchObject({ admitted: false });
    expect(rig.calls()).toEqual([]);
  });

  test('an address in a domain that the configuration does not allow', async () => {
    const configuration = { email: { allowedDomains: ['corp.example'] } };
    const rig = await startRig({ configuration });
    expect(await problems(rig)).toEqual([
      { field: 'email', message: expect.stringContaining('corp.example') },
    ]);
    expect(rig.calls()).toEqual([]);
    await expect(admission(rig, { email: 'a@CORP.example' })).resolves.toBeDefined();
    const sub = await problems(rig, { email: 'a@x.corp.example' });
    expect(sub).toMatchObject([{ field: 'email' }]);
  });

  test("more tags than AWS takes, together with the configuration's", async () => {
    const many = (prefix: string, length: number) =>
      Object.fromEntries(Array.from({ length }, (_, n) => [`${prefix}${n}`, '']));
    const rig = await startRig({ configuration: { tags: many('house', 5) } });
    expect(await problems(rig, { tags: many('mine', 45) })).toMatchObject([{ field: 'tags' }]);
    const { request } = await admission(rig, { tags: many('mine', 44) });
    expect(Object.keys(request.tags)).toHaveLength(50);
  });
});

test('the organization is another one: refused, before anything is written', async () => {
  const rig = await startRig();
  const { organizationId } = rig.simulator;
  expect(await problems(rig, { organizationId: 'o-anotherorg1' })).toEqual([
    { field: 'organizationId', message: expect.stringContaining(organizationId) },
  ]);
  await expect(admission(rig, { organizationId })).resolves.toMatchObject({ organizationId });
  onlyRead(rig);
});

describe('the organizational unit', () => {
  async function withUnits(options?: RigOptions) {
    const rig = await startRig(options);
    const prod = rig.simulator.addOrganizationalUnit('Workloads/Prod');
    for (const path of ['Workloads/Dev', 'Workloads/Test', 'Sandbox', 'Security']) {
      rig.simulator.addOrganizationalUnit(path);
    }
    return { rig, prod };
  }

  test('by its id, by its path, and the root by its id', async () => {
    const { rig, prod } = await withUnits();
    const { rootId } = rig.simulator;
    for (const [organizationalUnit, id] of [
      [prod, prod],
      ['Workloads/Prod', prod],
      [rootId, rootId],
    ]) {
      const { organizationalUnitId } = await admission(rig, { organizationalUnit });
      expect(organizationalUnitId).toBe(id);
    }
  });

  test('by its path, on whichever page it is', async () => {
    const { rig } = await withUnits({ simulator: { knobs: { pageSize: 1, emptyPageRate: 0.6 } } });
    await expect(admission(rig, { organizationalUnit: 'Security' })).resolves.toBeDefined();
  });

  test.each(['ou-zzzz-99999999', 'r-zzzz', 'Nope', 'Workloads/Nope', 'Prod', 'workloads/prod'])(
    '%s does not exist: the problem says which part is missing',
    async (organizationalUnit) => {
      const { rig } = await withUnits();
      const found = await problems(rig, { organizationalUnit });
      expect(found).toHaveLength(1);
      expect(found[0]?.field).toBe('organizationalUnit');
      onlyRead(rig);
    },
  );

  test("is the configuration's where the request names none", async () => {
    const configuration = { placement: { organizationalUnit: 'Workloads/Prod' } };
    const { rig, prod } = await withUnits({ configuration });
    expect((await admission(rig)).organizationalUnitId).toBe(prod);
    const { organizationalUnitId } = await admission(rig, {
      organizationalUnit: rig.simulator.rootId,
    });
    expect(organizationalUnitId).toBe(rig.simulator.rootId);
  });

  test("a wrong one of the configuration is said to be the configuration's", async () => {
    const configuration = { placement: { organizationalUnit: 'Gone' } };
    const { rig } = await withUnits({ configuration });
    expect(await problems(rig)).toMatchObject([
      { field: 'organizationalUnit', message: expect.stringContaining('configuration') },
    ]);
  });
});

describe('conformance packs', () => {
  const IN_EUROPE = ['Alpha', 'Beta', 'Gamma'];
  async function withPacks(options?: RigOptions): Promise<Rig> {
    const rig = await startRig(options);
    for (const name of IN_EUROPE) rig.simulator.putConformancePack({ name, region: 'eu-west-1' });
    rig.simulator.putConformancePack({ name: 'Alpha', region: 'us-east-1' });
    return rig;
  }
  const required = async (rig: Rig, conformance: Conformance) =>
    (await admission(rig, { conformance })).conformance.required.map(
      ({ region, pack }) => `${region}/${pack}`,
    );

  test('all, of each region, over all pages', async () => {
    const rig = await withPacks();
    const regions = ['eu-west-1', 'us-east-1'];
    expect((await required(rig, { regions })).toSorted()).toEqual([
      'eu-west-1/Alpha',
      'eu-west-1/Beta',
      'eu-west-1/Gamma',
      'us-east-1/Alpha',
    ]);
  });

  test("the configuration's regions and packs where the request names none", async () => {
    const rig = await withPacks({
      configuration: { conformance: { regions: ['eu-west-1'], packs: ['Beta'] } },
    });
    expect(await required(rig, {})).toEqual(['eu-west-1/Beta']);
    const { conformance } = await admission(rig, { conformance: undefined });
    expect(conformance.required).toEqual([{ region: 'eu-west-1', pack: 'Beta' }]);
  });

  test('a name must exist in every region', async () => {
    const rig = await withPacks();
    const regions = ['eu-west-1', 'us-east-1'];
    expect(await required(rig, { regions, packs: ['Alpha'] })).toEqual([
      'eu-west-1/Alpha',
      'us-east-1/Alpha',
    ]);
    const conformance = { regions, packs: ['Alpha', 'Beta'] };
    expect(await problems(rig, { conformance })).toEqual([
      { field: 'conformance.packs[1]', message: expect.stringContaining('us-east-1') },
    ]);
  });

  test('region/name means that region alone, among the regions or not', async () => {
    const rig = await withPacks();
    const regions = ['us-east-1'];
    expect(await required(rig, { regions, packs: ['Alpha', 'eu-west-1/Beta'] })).toEqual([
      'us-east-1/Alpha',
      'eu-west-1/Beta',
    ]);
    expect(await required(rig, { regions, packs: ['us-east-1/Alpha'] })).toEqual([
      'us-east-1/Alpha',
    ]);
  });

  test('named twice it is required once', async () => {
    const rig = await withPacks();
    const packs = ['Alpha', 'us-east-1/Alpha'];
    expect(await required(rig, { regions: ['us-east-1'], packs })).toEqual(['us-east-1/Alpha']);
  });

  test.each([
    [['Nope'], 'us-east-1'],
    [['eu-west-1/Nope'], 'eu-west-1'],
    [['us-east-1/Beta'], 'us-east-1'],
    [['alpha'], 'us-east-1'],
  ])('%j is unknown: the problem names the region and what is there', async (packs, region) => {
    const rig = await withPacks();
    const found = await problems(rig, { conformance: { regions: ['us-east-1'], packs } });
    expect(found).toEqual([
      { field: 'conformance.packs[0]', message: expect.stringContaining(region) },
    ]);
    expect(found[0]?.message).toContain('Alpha');
  });

  test('a region without any pack is refused', async () => {
    const rig = await withPacks();
    const conformance = { regions: ['eu-west-1', 'ap-south-1'] };
    const found = await problems(rig, { conformance });
    expect(found).toHaveLength(1);
    expect(found[0]?.field).toMatch(/^conformance/);
    expect(found[0]?.message).toContain('ap-south-1');
  });

  test('unless the configuration allows it', async () => {
    const rig = await withPacks({ configuration: { conformance: { allowNone: true } } });
    expect(await required(rig, { regions: ['ap-south-1'] })).toEqual([]);
  });

  test('a named pack must exist, even where none is allowed', async () => {
    const rig = await withPacks({ configuration: { conformance: { allowNone: true } } });
    const conformance = { regions: ['ap-south-1'], packs: ['Alpha'] };
    expect(await problems(rig, { conformance })).toMatchObject([{ field: 'conformance.packs[0]' }]);
  });

  test('false waits for none, and AWS Config is not asked', async () => {
    const rig = await withPacks();
    expect((await admission(rig)).conformance.required).toEqual([]);
    expect(rig.calls().filter((name) => name.includes('Conformance'))).toEqual([]);
  });

  test('a pack on its way out is not required', async () => {
    const rig = await withPacks();
    rig.simulator.setPackStatus('eu-west-1', 'Beta', 'DELETE_IN_PROGRESS');
    expect(await required(rig, { regions: ['eu-west-1'] })).toEqual([
      'eu-west-1/Alpha',
      'eu-west-1/Gamma',
    ]);
  });

  test('scope and deadline are as asked for', async () => {
    const rig = await withPacks();
    const { conformance } = await admission(rig, {
      conformance: { regions: ['us-east-1'], scope: 'organization', deadline: '90m' },
    });
    expect(conformance).toMatchObject({ scope: 'organization', deadlineMs: 1.5 * HOUR });
  });

  test('are not looked at again for an amendment', async () => {
    const rig = await withPacks();
    const request = { ...REQUEST, conformance: { packs: ['Nope'] } };
    expect(valueOf(await check(rig, request, 'without-conformance'))).toMatchObject({
      admitted: true,
    });
  });
});

describe("AWS's own refusals are answers", () => {
  test.each([
    ['DescribeOrganization', 'AWSOrganizationsNotInUseException'],
    ['ListRoots', 'AccessDeniedException'],
    ['ListOrganizationalUnitsForParent', 'AccessDeniedException'],
    ['DescribeOrganizationConformancePackStatuses', 'OrganizationAccessDeniedException'],
  ])('%s: %s', async (operation, name) => {
    const rig = await startRig();
    rig.simulator.addOrganizationalUnit('Sandbox');
    rig.simulator.putConformancePack({ name: 'Alpha', region: 'us-east-1' });
    rig.simulator.inject(refuse(operation, name));
    const request = { ...REQUEST, organizationalUnit: 'Sandbox', conformance: {} };
    expect(await check(rig, request)).toMatchObject({ ok: false, error: { operation, name } });
    expect(valueOf(await check(rig, request))).toMatchObject({ admitted: true });
  });
});
