import type { Activities } from '../../src/activities';
import { judgeException } from '../../src/domain/dispositions';
import { FIRST, admitted, refuse, valueOf, withRig } from './rig';
import type { Rig } from './rig';

const startRig = withRig();
const ACCOUNT = '111122223333';

/** These look at Temporal, or at both. */
const ABOUT_TEMPORAL = [
  'listEarlierRuns',
  'readRun',
  'tellGate',
  'tellWatch',
  'readGatePolicy',
  'listCreatingVends',
  'observeHolders',
  'startNotification',
  'listSubscribers',
  'sendNotification',
  'lookAtVends',
  'cancelVends',
] as const;

/** Every activity that is told which organization is meant; a look at packs has a test of its own. */
const TOLD: Record<
  Exclude<keyof Activities, 'admit' | 'lookAtPacks' | (typeof ABOUT_TEMPORAL)[number]>,
  (rig: Rig, organizationId: string) => Promise<unknown>
> = {
  createAccount: (rig, organizationId) =>
    rig.do.createAccount({
      organizationId,
      request: admitted('vend'),
      ...FIRST,
      takenWithinMs: 20_000,
      sendWithinMs: 10_000,
    }),
  describeCreateAccountStatus: (rig, organizationId) =>
    rig.do.describeCreateAccountStatus({ organizationId, createAccountRequestId: 'car-12345678' }),
  findAccount: (rig, organizationId) =>
    rig.do.findAccount({
      organizationId,
      request: admitted('vend'),
      since: new Date(0).toISOString(),
      ended: [],
    }),
  inspectAccount: (rig, organizationId) =>
    rig.do.inspectAccount({
      organizationId,
      request: admitted('vend'),
      accountId: ACCOUNT,
      allowOtherEmail: false,
    }),
  locateAccount: (rig, organizationId) =>
    rig.do.locateAccount({ organizationId, accountId: ACCOUNT }),
  tagAccount: (rig, organizationId) =>
    rig.do.tagAccount({ organizationId, accountId: ACCOUNT, tags: {} }),
  placeAccount: (rig, organizationId) =>
    rig.do.placeAccount({
      organizationId,
      accountId: ACCOUNT,
      rootId: rig.simulator.rootId,
      destinationId: 'ou-ab12-11111111',
      from: 'anywhere',
    }),
  checkReadiness: (rig, organizationId) =>
    rig.do.checkReadiness({
      organizationId,
      accountId: ACCOUNT,
      roleName: 'OrganizationAccountAccessRole',
      region: 'us-east-1',
    }),
  putAlternateContacts: (rig, organizationId) =>
    rig.do.putAlternateContacts({ organizationId, accountId: ACCOUNT, given: {} }),
  lookAtRegions: (rig, organizationId) =>
    rig.do.lookAtRegions({ organizationId, accountId: ACCOUNT, regions: ['af-south-1'] }),
  enableRegions: (rig, organizationId) =>
    rig.do.enableRegions({ organizationId, accountId: ACCOUNT, regions: ['af-south-1'] }),
};

describe.each(Object.entries(TOLD))('%s', (_, act) => {
  test('does nothing with the credentials of another organization', async () => {
    const rig = await startRig();
    expect(await act(rig, 'o-anotherorg1')).toMatchObject({
      ok: false,
      error: {
        name: 'WRONG_ORGANIZATION',
        message: expect.stringContaining('o-anotherorg1'),
        outcome: 'rejected',
      },
    });
    expect(rig.calls()).toEqual(['DescribeOrganization']);
  });

  test('without credentials says so, and nothing was sent', async () => {
    const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = process.env;
    delete process.env['AWS_ACCESS_KEY_ID'];
    delete process.env['AWS_SECRET_ACCESS_KEY'];
    try {
      const rig = await startRig();
      const outcome = await act(rig, rig.simulator.organizationId);
      expect(outcome).toMatchObject({
        ok: false,
        error: { name: 'CredentialsProviderError', outcome: 'not-sent' },
      });
      expect(rig.calls()).toEqual([]);
    } finally {
      Object.assign(process.env, { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret });
    }
  });

  test('with expired credentials is the concern of the organization, never the end of a vend', async () => {
    const rig = await startRig();
    rig.simulator.inject({
      kind: 'error',
      error: { name: 'ExpiredTokenException' },
      times: 'always',
    });
    const outcome = (await act(rig, rig.simulator.organizationId)) as {
      error: Parameters<typeof judgeException>[0];
    };
    expect(outcome).toMatchObject({ ok: false, error: { name: 'ExpiredTokenException' } });
    expect(judgeException(outcome.error, 'reading')).toMatchObject({ scope: 'organization' });
  });
});

describe('which organization the credentials belong to', () => {
  const look = async (rig: Rig) =>
    rig.do.findAccount({
      organizationId: rig.simulator.organizationId,
      request: admitted('vend'),
      since: new Date(0).toISOString(),
      ended: [],
    });

  test('is asked once for one set of credentials', async () => {
    const rig = await startRig();
    await Promise.all([look(rig), look(rig)]);
    valueOf(await look(rig));
    expect(rig.calls('DescribeOrganization')).toHaveLength(1);
  });

  test('is asked anew for other credentials', async () => {
    let key = 'first';
    const credentialKey = () => Promise.resolve(key);
    const rig = await startRig({ wrap: (aws) => ({ ...aws, credentialKey }) });
    valueOf(await look(rig));
    key = 'second';
    valueOf(await look(rig));
    expect(rig.calls('DescribeOrganization')).toHaveLength(2);
  });

  test('a failure is not remembered', async () => {
    const rig = await startRig();
    rig.simulator.inject(refuse('DescribeOrganization', 'AccessDeniedException'));
    expect(await look(rig)).toMatchObject({ ok: false, error: { name: 'AccessDeniedException' } });
    valueOf(await look(rig));
  });

  test.each([
    [{ name: 'Throttling', $metadata: { httpStatusCode: 400 } }, 'Throttling', 'request'],
    [{ name: 'InternalFailure', $metadata: { httpStatusCode: 500 } }, 'InternalFailure', 'request'],
    [{ name: 'Error', code: 'ENOTFOUND' }, 'Error', 'request'],
    [
      { name: 'AccessDenied', $fault: 'client', $metadata: { httpStatusCode: 403 } },
      'CredentialsProviderError',
      'organization',
    ],
    [{ name: 'Error' }, 'CredentialsProviderError', 'organization'],
  ])('who gives them says %j: %s, of the %s', async (thrown, name, scope) => {
    const credentialKey = () => Promise.reject(Object.assign(new Error('no'), thrown));
    const rig = await startRig({ wrap: (aws) => ({ ...aws, credentialKey }) });
    const outcome = await look(rig);
    expect(outcome).toMatchObject({ ok: false, error: { name, outcome: 'not-sent' } });
    if (outcome.ok) throw new Error('it was looked');
    expect(judgeException(outcome.error, 'reading').scope).toBe(scope);
    expect(rig.calls()).toEqual([]);
  });

  test('none at all', async () => {
    const rig = await startRig({ simulator: { knobs: { organizationExists: false } } });
    expect(await look(rig)).toMatchObject({
      ok: false,
      error: { name: 'AWSOrganizationsNotInUseException' },
    });
  });
});
