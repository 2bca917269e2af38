import { time } from '../../../src/domain/markdown';
import { watchDetails, watchState } from '../../../src/domain/watch/view';
import { CREATING, FAILED, MINUTE, REFUSED, Region, SUCCESSFUL, holder, iso } from './support';

const [a, b] = [holder('a'), holder('b')];
const state = (region: Region) => watchState(region.watch, iso);
const details = (region: Region) => watchDetails(state(region));

describe('the state of a watch', () => {
  test('nobody waits', () => {
    expect(state(new Region())).toEqual({
      organizationId: 'o-exampleorg1',
      region: 'eu-west-1',
      waiting: 0,
      packs: [],
      accounts: [],
      looks: 0,
      calls: { lists: 0, confirming: 0, rowless: 0, throttled: 0 },
      waitingFor: 'a vend that needs it',
    });
  });

  test('who waits for what, and what the packs show', () => {
    const region = new Region();
    const from = region.now;
    region.row(a, FAILED, 'P');
    region.row(a, SUCCESSFUL, 'owner-1/Q');
    region.pack('P').aggregate = CREATING;
    region.subscribe(a, { packs: ['P', { pack: 'Q', owner: 'owner-1' }], scope: 'organization' });
    region.subscribe(b);
    expect(state(region)).toEqual({
      organizationId: 'o-exampleorg1',
      region: 'eu-west-1',
      waiting: 2,
      packs: [
        { pack: 'P', waiting: 2, status: 'CREATE_IN_PROGRESS' },
        { pack: 'Q', owner: 'owner-1', waiting: 0, status: 'CREATE_SUCCESSFUL' },
      ],
      accounts: [
        {
          requestId: 'a',
          workflowId: 'vend-a',
          accountId: 'account-a',
          open: ['P (CREATE_FAILED)'],
        },
        { requestId: 'b', workflowId: 'vend-b', accountId: 'account-b', open: ['P (NO_ROW)'] },
      ],
      looks: 2,
      lastLookAt: iso(from),
      nextLookAt: iso(from + MINUTE),
      calls: { lists: 0, confirming: 3, rowless: 0, throttled: 0 },
      waitingFor: `the next look at ${iso(from + MINUTE)}`,
    });
  });

  test('AWS’s word for a look that was refused: its reason where it gives one', () => {
    const region = new Region();
    region.pack('P').fault = REFUSED;
    region.pack('Q').fault = { ...REFUSED, reason: 'ITS_REASON' };
    region.subscribe(a, { packs: ['P', 'Q'] });
    expect(state(region).packs.map(({ fault }) => fault)).toEqual([REFUSED.name, 'ITS_REASON']);
  });

  test('at most fifty accounts, and how many more there are', () => {
    const region = new Region();
    for (let n = 0; n < 60; n += 1) region.put(holder(`v${n}`));
    expect(state(region).accounts).toHaveLength(50);
    expect(state(region).waiting).toBe(60);
    expect(details(region)).toContain('- and 10 more');
  });

  test('what it waits for: AWS, the next look, or vends that have still to hear', () => {
    const region = new Region();
    region.row(a, SUCCESSFUL);
    region.put(a);
    const plan = region.begin()!;
    expect(state(region).waitingFor).toBe('AWS Config to answer');
    region.learn(plan);
    expect(state(region)).toMatchObject({
      waiting: 0,
      accounts: [],
      waitingFor: '1 vends to hear that they are ready',
    });
    expect(state(region)).not.toHaveProperty('nextLookAt');
    region.isThrottled = true;
    region.subscribe(b);
    expect(state(region).waitingFor).toMatch(/^the next look at \S+, more seldom since AWS/);
  });

  test('is a copy', () => {
    const region = new Region();
    const before = state(region);
    region.subscribe(a);
    expect(before.calls.confirming).toBe(0);
  });
});

describe('its page', () => {
  test('tells the same in words', () => {
    const region = new Region();
    const at = iso(region.now);
    region.row(a, CREATING, 'owner-1/P');
    region.subscribe(a, { packs: [{ pack: 'P', owner: 'owner-1' }], scope: 'organization' });
    region.pack('owner-1/P').fault = REFUSED;
    region.pass(MINUTE);
    const next = iso(region.watch.nextRoundAtMs);
    expect(details(region).split('\n')).toEqual([
      '### 1 account waits for conformance packs in eu-west-1',
      '',
      `- Waits for the next look at ${time(next)}`,
      '- Nothing to do here: it looks by itself, and what needs a person is asked on the vend',
      '',
      '**Packs**',
      '',
      `- P of owner-1: 1 waiting, organization-wide CREATE_SUCCESSFUL, AWS refuses the look: ${REFUSED.name}`,
      '',
      '**Accounts**',
      '',
      '- a (`account-a`): P (CREATE_IN_PROGRESS)',
      '',
      '**Looks**',
      '',
      `- 2 so far, the last at ${time(iso(Date.parse(at) + MINUTE))}`,
      '- AWS Config calls: 0 for lists, 1 to confirm an account, 0 for accounts without a row; 0 were throttled',
    ]);
  });

  test('of nobody who waits is short', () => {
    const page = details(new Region());
    expect(page).toContain('### 0 accounts wait for');
    expect(page).toContain('- 0 so far\n');
    expect(page).not.toMatch(/\*\*(?:Packs|Accounts)|more/);
  });

  test('shows no e-mail address, whatever AWS or a parent has put there', () => {
    const region = new Region();
    const address = 'someone@example.com';
    region.pack().fault = { ...REFUSED, reason: `for ${address}` };
    region.row(a, { status: address });
    region.subscribe({ ...a, requestId: address, workflowId: address }, { account: address });
    expect(details(region)).not.toContain('@');
    expect(details(region)).toContain('[hidden]');
  });
});
