import { gatePage } from '../../src/cli/drawing/gate-page';
import type { GateState } from '../../src/contract';
import { ago, escalation, io } from './looks';

/** What stands under "You can", for as many escalations of an organization. */
function commandsFor(...ids: string[]): string[] {
  const state: GateState = {
    organizationId: 'o-abc',
    escalations: ids.map((id) =>
      escalation({ id, scope: 'organization', reason: `REASON_${id}`, actions: ['retry'] }),
    ),
    inProgress: 0,
    foreign: 0,
    maxInProgress: 5,
    waiting: 2,
    callsToday: 3,
    callsAllowedToday: 1_000,
    places: [{ requestId: 'a', workflowId: 'vend-a', since: ago(1_000) }],
    queue: [],
    decisions: [],
  };
  const gate = { organizationId: 'o-abc', workflowId: 'vend-gate-o-abc', runId: 'r' };
  return gatePage(io, gate, state).flatMap((line) => /^ +(vend .*)$/.exec(line)?.[1] ?? []);
}

test('the command that answers an organization; of two, each names the one that it is for', () => {
  expect(commandsFor('o1')).toEqual(['vend resolve --organization --retry']);
  expect(commandsFor('o1', 'o2')).toEqual([
    'vend resolve --organization --retry --escalation o1',
    'vend resolve --organization --retry --escalation o2',
  ]);
});
