import type { AlternateContacts, VendRequest } from '../../src/contract';
import { valueOf, withRig } from './rig';
import type { Rig, RigOptions } from './rig';

const startRig = withRig();
const contact = { name: 'Ada', title: 'CTO', email: 'ada@example.com', phone: '030 123' };

async function admission(request: Partial<VendRequest>, options: RigOptions = {}) {
  const rig = await startRig(options);
  return admissionOf(rig, request);
}

async function admissionOf(rig: Rig, request: Partial<VendRequest>) {
  const given = { requestId: 'vend', accountName: 'A', email: 'a@example.com', conformance: false };
  const answer = valueOf(await rig.do.admit({ request: { ...given, ...request }, scope: 'all' }));
  if (!answer.admitted) throw new Error(JSON.stringify(answer.problems));
  return answer.admission;
}

test('nothing is asked for: neither stage', async () => {
  const { readiness, settling } = await admission({});
  expect([readiness, settling]).toEqual([undefined, undefined]);
});

test('which contacts there are is said, and nothing of what they say', async () => {
  const answer = await admission(
    { regions: ['af-south-1'] },
    { configuration: { defaults: { alternateContacts: { security: contact, billing: contact } } } },
  );
  expect(answer.settling).toEqual({ contacts: ['billing', 'security'], regions: ['af-south-1'] });
  expect(JSON.stringify(answer)).not.toMatch(/Ada|ada@|CTO|030/);
});

test.each<[string, Partial<VendRequest>, unknown]>([
  ['nothing', {}, { contacts: ['billing'], regions: ['af-south-1'] }],
  ['other regions', { regions: ['ap-east-1'] }, { contacts: ['billing'], regions: ['ap-east-1'] }],
  [
    'other contacts, as a whole',
    { alternateContacts: { security: contact } },
    { contacts: ['security'], regions: ['af-south-1'] },
  ],
  ['neither', { regions: [], alternateContacts: {} }, undefined],
])('a request that names %s, beside the defaults', async (_, request, expected) => {
  const alternateContacts: AlternateContacts = { billing: contact };
  const { settling } = await admission(request, {
    configuration: { defaults: { regions: ['af-south-1'], alternateContacts } },
  });
  expect(settling).toEqual(expected);
});

describe('readiness', () => {
  const regions = ['eu-central-1', 'us-west-2'];
  const options = {
    configuration: { readiness: { assumeRole: true }, conformance: { regions, allowNone: true } },
  };

  test.each<[string, Partial<VendRequest>, string]>([
    ['the configuration', {}, 'eu-central-1'],
    ['the request', { conformance: { regions: ['us-east-2'] } }, 'us-east-2'],
    ['those that are enabled', { regions: ['eu-central-1'] }, 'us-west-2'],
    ['none that is enabled', { regions }, 'us-east-1'],
  ])(
    'is asked in a region of %s, never in one that is enabled later',
    async (_, request, region) => {
      const { readiness } = await admission(request, options);
      expect(readiness).toEqual({ region, deadlineMs: 2 * 3_600_000 });
    },
  );
});
