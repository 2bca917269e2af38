import type { Escalation, ResolutionAction, VendRequest } from '../../src/contract';
import { newMemory } from '../../src/domain/memory';
import type { CreationProgress, VendMemory } from '../../src/domain/memory';

export const STARTED_AT = '2026-11-22T05:00:00.000Z';

export const REQUEST: VendRequest = {
  requestId: 'team-a-prod',
  accountName: 'Team A Prod',
  email: 'aws+team-a@example.com',
};

/** A vend that has just begun, with what a test changes of it. */
export function aMemory(changes: Partial<VendMemory> = {}): VendMemory {
  return { ...newMemory(REQUEST, STARTED_AT), ...changes };
}

export function aCreation(changes: Partial<CreationProgress> = {}): CreationProgress {
  return {
    sinceMs: Date.parse(STARTED_AT),
    calls: 1,
    callsAllowed: 10,
    failures: 0,
    ended: [],
    ...changes,
  };
}

export function anEscalation(
  actions: ResolutionAction[],
  changes: Partial<Escalation> = {},
): Escalation {
  return {
    id: 'e2',
    scope: 'request',
    reason: 'EMAIL_ALREADY_EXISTS',
    message: 'The e-mail address belongs to another account. Give another address.',
    since: STARTED_AT,
    attempts: 1,
    actions,
    ...changes,
  };
}
