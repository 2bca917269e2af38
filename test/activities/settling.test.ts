import { admitted, created, refuse, valueOf, withRig } from './rig';
import type { Rig, RigOptions } from './rig';

const startRig = withRig();
const MINUTE = 60_000;
const billing = { name: 'Ada Lovelace', title: 'CFO', email: 'ada@example.com', phone: '030 123' };
const security = { name: 'Bob Miller', title: 'CISO', email: 'bob@example.com', phone: '030 456' };
const PERSONAL = /Ada|Lovelace|CFO|ada@|030 \d{3}|Bob|CISO|bob@/;

interface Scene {
  rig: Rig;
  about: { organizationId: string; accountId: string };
}

async function scene(options?: RigOptions): Promise<Scene> {
  const rig = await startRig(options);
  const accountId = await created(rig, admitted('vend'));
  rig.forget();
  return { rig, about: { organizationId: rig.simulator.organizationId, accountId } };
}

const accountOf = ({ rig, about }: Scene) =>
  rig.simulator.snapshot().accounts.find(({ id }) => id === about.accountId);

describe('contacts', () => {
  test('are put, each once, and put again change nothing', async () => {
    const at = await scene();
    const input = { ...at.about, given: { security, billing } };
    expect(valueOf(await at.rig.do.putAlternateContacts(input))).toEqual(['billing', 'security']);
    expect(accountOf(at)?.alternateContacts).toEqual({ BILLING: billing, SECURITY: security });
    expect(at.rig.calls('PutAlternateContact')).toHaveLength(2);
    await at.rig.do.putAlternateContacts(input);
    expect(accountOf(at)?.alternateContacts).toEqual({ BILLING: billing, SECURITY: security });
  });

  test("are the configuration's where the request gives none", async () => {
    const alternateContacts = { operations: billing };
    const at = await scene({ configuration: { defaults: { alternateContacts } } });
    await at.rig.do.putAlternateContacts(at.about);
    expect(accountOf(at)?.alternateContacts).toEqual({ OPERATIONS: billing });
    const none = await at.rig.do.putAlternateContacts({ ...at.about, given: {} });
    expect(valueOf(none)).toEqual([]);
  });

  test("are in no answer, no log, and not in AWS's own words", async () => {
    const at = await scene();
    const words = Object.values(billing).join(' and ');
    at.rig.simulator.inject({
      operation: 'PutAlternateContact',
      kind: 'error',
      error: { name: 'ValidationException', message: `not valid: ${words}` },
    });
    const input = { ...at.about, given: { billing } };
    const refused = await at.rig.do.putAlternateContacts(input);
    expect(refused).toMatchObject({
      ok: false,
      error: { operation: 'PutAlternateContact', name: 'ValidationException' },
    });
    const put = await at.rig.do.putAlternateContacts(input);
    expect(`${JSON.stringify([refused, put])} ${at.rig.logged()}`).not.toMatch(PERSONAL);
  });
});

describe('regions', () => {
  const regions = ['af-south-1', 'eu-central-1'];
  const statuses = async ({ rig, about }: Scene) =>
    valueOf(await rig.do.lookAtRegions({ ...about, regions })).map(({ status }) => status);

  test('are looked at without a change, enabled, and awaited', async () => {
    const at = await scene({ simulator: { knobs: { regionOptMs: MINUTE } } });
    expect(await statuses(at)).toEqual(['DISABLED', 'ENABLED_BY_DEFAULT']);
    expect(accountOf(at)?.regions).toBeUndefined();
    valueOf(await at.rig.do.enableRegions({ ...at.about, regions: ['af-south-1'] }));
    expect(await statuses(at)).toEqual(['ENABLING', 'ENABLED_BY_DEFAULT']);
    at.rig.clock.advance(MINUTE);
    expect(await statuses(at)).toEqual(['ENABLED', 'ENABLED_BY_DEFAULT']);
  });

  test('whose answer was lost are enabled once: the conflict of the second call says so', async () => {
    const at = await scene({ simulator: { knobs: { regionOptMs: MINUTE } } });
    at.rig.simulator.inject({ operation: 'EnableRegion', kind: 'reset', phase: 'after' });
    valueOf(await at.rig.do.enableRegions({ ...at.about, regions: ['af-south-1'] }));
    expect(at.rig.calls('EnableRegion')).toHaveLength(2);
    expect((await statuses(at))[0]).toBe('ENABLING');
  });

  test('AWS takes one such call a second: what was begun is said, and the rest is for the next time', async () => {
    const at = await scene({ simulator: { knobs: { rateFactor: 1, regionOptMs: MINUTE } } });
    const two = { ...at.about, regions: ['af-south-1', 'ap-east-1'] };
    expect(valueOf(await at.rig.do.enableRegions(two))).toEqual(['af-south-1']);
    expect(await at.rig.do.enableRegions(two)).toMatchObject({
      error: { name: 'TooManyRequestsException' },
    });
    at.rig.clock.advance(1_000);
    const rest = { ...at.about, regions: ['ap-east-1'] };
    expect(valueOf(await at.rig.do.enableRegions(rest))).toEqual(['ap-east-1']);
  });

  test('that AWS refuses are an answer', async () => {
    const at = await scene();
    at.rig.simulator.inject(refuse('EnableRegion', 'AccessDeniedException'));
    expect(await at.rig.do.enableRegions({ ...at.about, regions: ['af-south-1'] })).toMatchObject({
      ok: false,
      error: { name: 'AccessDeniedException', outcome: 'rejected' },
    });
    expect(await at.rig.do.lookAtRegions({ ...at.about, regions: ['xx-north-9'] })).toMatchObject({
      ok: false,
      error: { name: 'ValidationException' },
    });
  });
});
