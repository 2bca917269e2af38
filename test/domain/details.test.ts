import type { ResolutionAction, Stage, VendState } from '../../src/contract';
import { vendDetails } from '../../src/domain/details';
import { toState } from '../../src/domain/memory';
import { STARTED_AT, aMemory, anEscalation } from './fixtures';

const STATE: VendState = toState(aMemory());
const headline = (details: string) => details.split('\n')[0];

test('says in its first line where the vend is', () => {
  const of = (stage: Stage) => headline(vendDetails({ ...STATE, stage }));
  expect(of('creating')).toBe('**Under way: creating**');
  expect(of('done')).toContain('ready');
  expect(new Set((['done', 'failed', 'cancelled', 'abandoned'] as const).map(of)).size).toBe(4);
});

test('an escalation comes first, with its reason', () => {
  const state: VendState = { ...STATE, stage: 'creating', escalation: anEscalation(['retry']) };
  expect(headline(vendDetails(state))).toContain('EMAIL_ALREADY_EXISTS');
});

test('says what happened, since when, and the command for each answer that fits', () => {
  const actions: ResolutionAction[] = ['retry', 'amend', 'adopt', 'waive', 'abandon'];
  const details = vendDetails({ ...STATE, escalation: anEscalation(actions) });
  expect(details).toContain('Give another address.');
  expect(details).toContain(STARTED_AT);
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
  expect(vendDetails({ ...STATE, escalation: looking })).toContain(nextCheckAt);
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
