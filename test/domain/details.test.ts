import type { ResolutionAction, Stage, VendState } from '../../src/contract';
import { vendDetails } from '../../src/domain/details';
import { toState } from '../../src/domain/memory';
import { STARTED_AT, aMemory, anEscalation } from './fixtures';

const STATE: VendState = toState(aMemory());
const headline = (details: string) => details.split('\n')[0];

test('says in its first line where the vend is', () => {
  const of = (stage: Stage) => headline(vendDetails({ ...STATE, stage }));
  expect(of('creating')).toBe('### Under way: creating');
  expect(of('done')).toContain('ready');
  expect(new Set((['done', 'failed', 'cancelled', 'abandoned'] as const).map(of)).size).toBe(4);
});

test('an escalation comes first, with its reason', () => {
  const state: VendState = { ...STATE, stage: 'creating', escalation: anEscalation(['retry']) };
  expect(headline(vendDetails(state))).toContain('EMAIL_ALREADY_EXISTS');
});

test('says what happened, since when, and the command for each answer that fits', () => {
  const actions: ResolutionAction[] = ['retry', 'amend', 'adopt', 'waive', 'abandon'];
  const escalation = anEscalation(actions);
  const details = vendDetails({ ...STATE, stage: 'placing', escalation });
  expect(details).toContain('Give another address.');
  expect(details).toContain('Since **2026-11-22 05:00:00 UTC**, after 1 attempt');
  for (const action of actions) expect(details).toContain(`vend resolve team-a-prod --${action}`);
  expect(details).toContain('"escalationId":"e2"');
});

test('an answer that does not fit is not offered', () => {
  const details = vendDetails({ ...STATE, escalation: anEscalation(['retry', 'abandon']) });
  expect(details).not.toMatch(/--(?:amend|adopt|waive)/);
});

test('says when it looks again by itself, or that it waits for an answer', () => {
  const nextCheckAt = '2026-11-22T06:00:00.000Z';
  const looking = anEscalation(['retry'], { nextCheckAt });
  expect(vendDetails({ ...STATE, escalation: looking })).toContain(
    'Looks again by itself at **2026-11-22 06:00:00 UTC**',
  );
  expect(vendDetails({ ...STATE, escalation: anEscalation(['retry']) })).toMatch(
    /waits for an answer/i,
  );
});

test('shows what is known: accounts, requests, unit, packs, decisions, stages', () => {
  const details = vendDetails({
    ...STATE,
    waitingFor: 'AWS to create the account',
    accountId: '111122223333',
    govCloudAccountId: '444455556666',
    createAccountRequestIds: ['car-1', 'car-2'],
    organizationalUnitId: 'ou-ab12-11111111',
    conformance: [
      { region: 'us-east-1', pack: 'Baseline', status: 'CREATE_FAILED', errorCode: 'NoRole' },
    ],
    decisions: [
      {
        at: STARTED_AT,
        by: 'ada',
        via: 'update',
        action: 'retry',
        reason: 'mended',
        escalationId: 'e1',
      },
    ],
    history: [{ at: STARTED_AT, stage: 'creating', note: 'the answer was lost' }],
  });
  for (const word of [
    'AWS to create the account',
    '111122223333',
    '444455556666',
    'car-1',
    'car-2',
    'ou-ab12-11111111',
    'us-east-1/Baseline: CREATE_FAILED (NoRole)',
    'retry by ada: mended',
    'the answer was lost',
    '2026-11-22 05:00:00',
  ]) {
    expect(details).toContain(word);
  }
});

test('says that the GovCloud account stays standalone, untagged and unchecked', () => {
  const details = vendDetails({ ...STATE, govCloudAccountId: '444455556666' });
  expect(details).toMatch(/standalone.*untagged.*unchecked/);
});

test('holds no e-mail address, wherever one may have slipped in', () => {
  const details = vendDetails({
    ...STATE,
    waitingFor: 'ada@example.com',
    escalation: anEscalation(['retry'], { message: 'ada@example.com is taken.' }),
    decisions: [
      { at: STARTED_AT, by: 'ada@example.com', via: 'signal', action: 'retry', escalationId: 'e1' },
    ],
    history: [{ at: STARTED_AT, stage: 'creating', note: 'asked ada@example.com' }],
  });
  expect(details).not.toContain('@');
});

test('bullets and bold, since the Web UI draws tables without borders', () => {
  expect(vendDetails(STATE)).not.toContain('|');
});

describe('at three in the morning', () => {
  const escalation = anEscalation(['retry', 'abandon'], {
    runbook: 'docs/runbook.md#email_already_exists',
    message: 'AWS said: <b>no</b> *never* [see](https://evil.example) C:\\dir, `aws:` 05:00',
  });
  const page = vendDetails({ ...STATE, stage: 'creating', escalation });

  test('the matter comes first, then what to do, then where it is, then the past', () => {
    const order = [
      'Needs a person',
      'AWS said',
      'Since',
      'What you can do',
      'Or here',
      'Stage:',
      'Passed',
    ];
    const places = order.map((word) => page.indexOf(word));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places.every((place) => place >= 0)).toBe(true);
  });

  test('each line to type and each JSON to send is a bullet of its own, as code', () => {
    expect(page).toContain('\n- `vend resolve team-a-prod --retry`\n');
    expect(page).toContain('\n- `{"escalationId":"e2","action":"retry"}`\n');
    expect(page).toContain('More Actions → Send an Update → resolve');
  });

  test('two hyphens stand only in code: elsewhere the Web UI makes a dash of them', () => {
    expect(page.replaceAll(/`[^`]*`/g, '')).not.toContain('--');
  });

  test('what others wrote is no Markdown, but for code', () => {
    expect(page).toContain(
      String.raw`AWS said: \<b>no\</b> \*never\* \[see\](https://evil.example) C:\\dir, \`aws:\` 05:00`.replaceAll(
        '\\`',
        '`',
      ),
    );
  });

  test('it leads to the runbook: a link only where it is a URL', () => {
    expect(page).toContain('- Runbook: `docs/runbook.md#email_already_exists`');
    const runbook = 'https://wiki.example.com/vending#email_already_exists';
    const linked = vendDetails({ ...STATE, escalation: { ...escalation, runbook } });
    expect(linked).toContain(`- Runbook: [${runbook}](${runbook})`);
  });

  test('times are for people, also in what is waited for', () => {
    const waitingFor = 'AWS; next look at 2026-11-22T06:07:08.900Z';
    const waiting = vendDetails({ ...STATE, stage: 'creating', waitingFor });
    expect(waiting).toContain('- Waits for AWS; next look at 2026-11-22 06:07:08 UTC');
    expect(waiting).toContain('Nothing to do: it goes on by itself');
    expect(waiting).not.toMatch(/\dT\d/);
  });

  test('what is done and since when it stands here', () => {
    const history = [
      { at: STARTED_AT, stage: 'queued' as const },
      { at: '2026-11-22T05:01:00.000Z', stage: 'creating' as const },
      { at: '2026-11-22T05:02:00.000Z', stage: 'creating' as const, note: 'lost' },
    ];
    const there = vendDetails({ ...STATE, stage: 'creating', history });
    expect(there).toContain('- Stage: **creating** since 2026-11-22 05:01:00 UTC');
    expect(there).toContain('- Passed: queued');
  });

  test('an end asks for nothing', () => {
    for (const stage of ['done', 'failed', 'cancelled', 'abandoned'] as const) {
      expect(vendDetails({ ...STATE, stage })).not.toMatch(/Nothing to do|What you can do/);
    }
  });

  test('packs that are waited for come before those that are done', () => {
    const conformance = [
      { region: 'r', pack: 'A', status: 'CREATE_SUCCESSFUL' },
      { region: 'r', pack: 'B', status: 'CREATE_FAILED', errorCode: 'NoRole' },
    ];
    const packs = vendDetails({ ...STATE, conformance });
    const [done, open] = [
      packs.indexOf('r/A: CREATE'),
      packs.indexOf('r/B: CREATE_FAILED (NoRole)'),
    ];
    expect(open).toBeGreaterThan(0);
    expect(open).toBeLessThan(done);
  });

  test('what is held back leads to the gate, by a link that fits wherever the Web UI is served', () => {
    const held = { ...anEscalation(['abandon']), scope: 'organization' as const, id: 'o1' };
    const where = { namespace: 'team a', organizationId: 'o-abc' };
    const there = vendDetails({ ...STATE, escalation: held }, where);
    expect(there).toContain(
      'Or in [organization-gate-o-abc](namespaces/team%20a/workflows/organization-gate-o-abc): More',
    );
    expect(there).toContain('- `vend resolve --organization --retry`');
    expect(there).toContain('Concerns the whole organization: one answer for all');
    expect(there).toContain('{"escalationId":"o1","action":"retry"}');
    expect(vendDetails({ ...STATE, escalation: held })).toContain("in the organization's gate");
  });
});
