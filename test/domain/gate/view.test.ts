import type { GateState } from '../../../src/contract';
import { gateDetails, gateState } from '../../../src/domain/gate/view';
import { Desk, UNPACED, holder, iso } from './support';

const STATE: GateState = {
  organizationId: 'o-abc',
  escalations: [],
  inProgress: 0,
  foreign: 0,
  maxInProgress: 5,
  waiting: 0,
  callsToday: 3,
  callsAllowedToday: 1000,
  places: [],
  queue: [],
  decisions: [],
};
const ESCALATION = {
  id: 'o1',
  scope: 'organization' as const,
  reason: 'PENDING_BUSINESS_VALIDATION',
  message: 'The validation is still running at AWS.',
  since: '2026-11-22T05:00:00.000Z',
  attempts: 2,
  actions: ['retry' as const],
  runbook: 'docs/runbook.md#pending_business_validation',
};

test('what holds everybody back comes first, then the one answer, typed or sent from here', () => {
  const page = gateDetails({
    ...STATE,
    waiting: 60,
    escalations: [{ ...ESCALATION, nextCheckAt: '2026-11-22T06:00:00.000Z' }],
    queue: [{ requestId: 'team-b', workflowId: 'vend-team-b' }],
  });
  expect(page.split('\n').slice(0, 16)).toEqual([
    '### Needs a person: creating is held back by PENDING_BUSINESS_VALIDATION',
    '',
    'The validation is still running at AWS.',
    '',
    '- Since **2026-11-22 05:00:00 UTC**, met 2 times',
    '- One vend tries again by itself at **2026-11-22 06:00:00 UTC**; the others wait, and nothing is lost',
    '- Runbook: `docs/runbook.md#pending_business_validation`',
    '',
    '**What you can do in a terminal**',
    '',
    '- `vend resolve --organization --retry`',
    '',
    '**Or here: More Actions → Send an Update → resolve; as Data this**',
    '',
    '- `{"escalationId":"o1","action":"retry"}`',
    '',
  ]);
  expect(page).toContain('- team-b\n- and 59 more');
});

test('two escalations are told apart, and so are the commands that answer them', () => {
  const day = { ...ESCALATION, id: 'o2', reason: 'DAILY_CREATIONS_SPENT' };
  const page = gateDetails({ ...STATE, escalations: [ESCALATION, day] });
  expect(page).toContain('**DAILY_CREATIONS_SPENT**');
  for (const id of ['o1', 'o2']) {
    expect(page).toContain(`- \`vend resolve --organization --retry --escalation ${id}\``);
    expect(page).toContain(`"${id}"`);
  }
});

test('while all goes as it should it says who creates and what the next one waits for', () => {
  const page = gateDetails({
    ...STATE,
    inProgress: 5,
    foreign: 1,
    waiting: 1,
    waitingFor: 'the rate; the next may be sent at 2026-11-22T05:00:10.000Z',
    places: [
      { requestId: 'team-a', workflowId: 'w', since: ESCALATION.since, probe: true, ended: true },
    ],
  });
  expect(page).toMatch(/^### Under way: 5 of 5 places taken, 1 waiting\n/);
  expect(page).toContain(
    '- The next one waits for the rate; the next may be sent at 2026-11-22 05:00:10 UTC',
  );
  expect(page).toContain('Nothing to do: it goes on by itself');
  expect(page).toContain('and 1 in progress not by vends');
  expect(page).toContain(
    '- team-a since 2026-11-22 05:00:00 UTC, finds out whether it is over, its vend has ended',
  );
  expect(page).not.toContain('resolve');
});

test('the state counts all, and shows the first fifty that create and that wait', () => {
  const desk = new Desk({ ...UNPACED, maxInProgress: 60 });
  const ids = Array.from({ length: 120 }, (_, n) => `v${n}`);
  for (const id of ids) desk.ask(holder(id));
  const state = gateState(desk.gate, desk.now, iso);
  expect(state).toMatchObject({ inProgress: 60, waiting: 60 });
  expect(state.places.map(({ requestId }) => requestId)).toEqual(ids.slice(0, 50));
  expect(state.queue.map(({ requestId }) => requestId)).toEqual(ids.slice(60, 110));
});

test('nobody there is short', () => {
  expect(gateDetails(STATE)).toMatch(/^### Nobody wants to create just now\n/);
});

test('shows no e-mail address', () => {
  const by = 'ada@example.com';
  const decision = { at: ESCALATION.since, by, via: 'update' as const, action: 'retry' as const };
  const page = gateDetails({
    ...STATE,
    escalations: [{ ...ESCALATION, message: `${by} said no` }],
    decisions: [{ ...decision, reason: by, escalationId: 'o1' }],
  });
  expect(page).not.toContain('@');
});
