import { buildResolution, type ResolutionFlags } from '../../src/cli/vends/resolution';

const made: [string, ResolutionFlags, unknown][] = [
  ['retry', { retry: true, by: 'anna' }, { action: 'retry', by: 'anna' }],
  [
    'retry of one escalation',
    { retry: true, escalation: 'e2', reason: 'mended' },
    { action: 'retry', escalationId: 'e2', reason: 'mended' },
  ],
  [
    'amend',
    {
      amend: [
        'email=a+b=c@example.com',
        'account-name=New',
        'organizationalUnit=A/B',
        'tags.Team=A',
      ],
    },
    {
      action: 'amend',
      changes: {
        email: 'a+b=c@example.com',
        accountName: 'New',
        organizationalUnit: 'A/B',
        tags: { Team: 'A' },
      },
    },
  ],
  [
    'amend contacts and regions',
    {
      amend: [
        'regions=af-south-1,ap-east-1',
        'alternateContacts.billing.name=Anna',
        'alternateContacts.billing.title=CFO',
        'alternateContacts.billing.email=anna@example.com',
        'alternateContacts.billing.phone=030 1',
      ],
    },
    {
      action: 'amend',
      changes: {
        regions: ['af-south-1', 'ap-east-1'],
        alternateContacts: {
          billing: { name: 'Anna', title: 'CFO', email: 'anna@example.com', phone: '030 1' },
        },
      },
    },
  ],
  [
    'amend packs and the workflow to notify',
    {
      amend: [
        'conformance.packs=A,B',
        'conformance.deadline=4h',
        'notifyWorkflow.workflowId=team',
        'notifyWorkflow.signal=told',
      ],
    },
    {
      action: 'amend',
      changes: {
        conformance: { packs: ['A', 'B'], deadline: '4h' },
        notifyWorkflow: { workflowId: 'team', signal: 'told' },
      },
    },
  ],
  [
    'amend to all packs',
    { amend: ['conformance.packs=all'] },
    { action: 'amend', changes: { conformance: { packs: 'all' } } },
  ],
  [
    'amend to no tags and no contacts',
    { amend: ['tags=', 'alternateContacts='] },
    { action: 'amend', changes: { tags: {}, alternateContacts: {} } },
  ],
  [
    'adopt',
    { adopt: '012345678901', allowOtherEmail: true },
    { action: 'adopt', accountId: '012345678901', allowOtherEmail: true },
  ],
  [
    'waive a pack',
    { waive: 'us-east-1/Baseline', reason: 'r' },
    { action: 'waive', pack: 'Baseline', region: 'us-east-1', reason: 'r' },
  ],
  [
    'waive a pack in a region',
    { waive: 'Baseline', region: 'us-east-1', reason: 'r' },
    { action: 'waive', pack: 'Baseline', region: 'us-east-1', reason: 'r' },
  ],
  [
    'waive a pack everywhere',
    { waive: 'Baseline', reason: 'r' },
    { action: 'waive', pack: 'Baseline', reason: 'r' },
  ],
  [
    'waive a stage',
    { waive: 'placing', reason: 'r' },
    { action: 'waive', stage: 'placing', reason: 'r' },
  ],
  ['abandon', { abandon: true, reason: 'r' }, { action: 'abandon', reason: 'r' }],
];
test.each(made)('%s', (_, flags, resolution) => {
  expect(buildResolution(flags)).toEqual(resolution);
});

test('tags that differ by a hyphen are two', () => {
  const amend = ['tags.cost-center=1', 'tags.costCenter=2'];
  expect(buildResolution({ amend })).toEqual({
    action: 'amend',
    changes: { tags: { 'cost-center': '1', costCenter: '2' } },
  });
});

const refused: [ResolutionFlags, RegExp][] = [
  [{}, /Give one answer/],
  [{ retry: true, adopt: '012345678901' }, /Give one answer/],
  [{ abandon: true, reason: ' ' }, /--reason/],
  [{ amend: ['email'] }, /field=value/],
  [{ amend: ['=x'] }, /field=value/],
  [{ amend: ['alternateContacts.name=A'] }, /type\.field=value/],
  [{ amend: ['tags.aws:a=b'] }, /amendment/],
  [{ retry: true, allowOtherEmail: true }, /--adopt/],
  [{ retry: true, region: 'us-east-1' }, /--waive/],
];
test.each(refused)('%j is refused', (flags, fault) => {
  expect(() => buildResolution(flags)).toThrow(fault);
});
