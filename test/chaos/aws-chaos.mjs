/** The AWS of a run: slow, behind, throttled, and unreliable on every operation. */
import { PACK, UNITS } from './plan.mjs';

/** Published rates times this, on both sides: otherwise 200 vends take half an hour. */
export const RATE_FACTOR = 40;

/**
 * Everything that takes time is about ten times as fast as AWS, as the worker's waits are
 * (`worker-settings.mjs`): what is listed after 30 s there must be listed here within three or so.
 */
export const KNOBS = {
  latencyMs: { min: 2, max: 40 },
  createAccountLatencyMs: { min: 20, max: 150 },
  creationMs: { min: 500, max: 2_000 },
  statusVisibleMs: { min: 0, max: 2_000 },
  describeVisibleMs: { min: 0, max: 1_500 },
  listVisibleMs: { min: 0, max: 3_000 },
  staleReadRate: 0.05,
  staleReadMs: 3_000,
  rateFactor: RATE_FACTOR,
  concurrentModificationRate: 0.05,
  pageSize: 7,
  configPageSize: 2,
  emptyPageRate: 0.3,
  packRowDelayMs: { min: 200, max: 2_000 },
  packDeployMs: { min: 500, max: 2_000 },
};

/** Shown in the journal for calls that no fault may hit; they are no faults. */
export const SPARED = 'spared';

const error = (name, reason) => ({ kind: 'error', error: { name, ...(reason && { reason }) } });
const serviceException = error('ServiceException');
const throttle = error('TooManyRequestsException');
const html = { kind: 'html' };
const reset = { kind: 'reset' };
const cutBody = { kind: 'cut-body' };

/** Chance, what, and whether AWS has done by then what was asked. */
const ON_CREATE = [
  [0.03, 'before', reset],
  [0.04, 'after', reset],
  [0.02, 'before', serviceException],
  [0.03, 'after', serviceException],
  [0.02, 'before', html],
  [0.02, 'after', html],
  [0.03, 'after', cutBody],
  [0.04, 'before', throttle],
];
const ON_MOVE = [
  [0.04, 'before', reset],
  [0.08, 'after', reset],
  [0.04, 'after', serviceException],
  [0.04, 'before', error('ConcurrentModificationException')],
];
const ON_EVERY_CALL = [
  [0.01, 'before', reset],
  [0.01, 'after', reset],
  [0.01, 'before', serviceException],
  [0.01, 'before', html],
  [0.01, 'after', cutBody],
  [0.01, 'before', throttle],
];

/** So long an answer is kept back for a worker that dies between sending and the answer. */
const LATE_MS = 1_000;

/** @param crashes the plan's: calls at which a worker dies meet no other fault on the way */
export function makeChaos(simulator, crashes) {
  for (const path of UNITS) simulator.addOrganizationalUnit(path);
  simulator.putConformancePack({ name: PACK, region: 'us-east-1' });
  for (const [point, { requestIds }] of Object.entries(crashes)) {
    const delayMs = point === 'after-send' ? LATE_MS : 0;
    for (const requestTag of requestIds) {
      const operation = 'CreateAccount';
      simulator.inject({ id: SPARED, operation, match: { requestTag }, kind: 'delay', delayMs });
    }
  }
  injectAll(simulator, ON_CREATE, { operation: 'CreateAccount' });
  injectAll(simulator, ON_MOVE, { operation: 'MoveAccount' });
  injectAll(simulator, ON_EVERY_CALL, {});
  const withToken = { match: { contains: '"NextToken":' }, probability: 0.005 };
  const badToken = error('InvalidInputException', 'INVALID_NEXT_TOKEN');
  simulator.inject({ id: 'INVALID_NEXT_TOKEN', ...withToken, ...badToken });
}

function injectAll(simulator, faults, scope) {
  for (const [probability, phase, fault] of faults) {
    const id = `${fault.error?.name ?? fault.kind}-${phase}`;
    simulator.inject({ ...scope, id, probability, phase, ...fault });
  }
}
