import type { GateState } from '../../contract';
import { formatDuration } from '../../domain/duration';
import { withoutAddresses } from '../../domain/redact';
import type { Finding } from './finding';

export interface GateVend {
  requestId: string;
  workflowId: string;
  stage: string;
}

/** What is seen of a gate that runs, at one look. */
export interface GateLook {
  state: GateState;
  /** Workflow ids that the gate shows and that do not run any more. */
  ended: ReadonlySet<string>;
  /** Vends that create or wait, and that the gate does not know. */
  unknown: readonly GateVend[];
}

export interface GateSight extends GateLook {
  /** The look before. */
  before: GateLook;
  /** Absent where AWS did not say. */
  inProgressAtAws: number | undefined;
}

/** What does not fit, and how it mends; that it fits, where it does. */
export function judgeGate(sight: GateSight, command: string, nowMs: number): Finding[] {
  return [
    asItStands(sight.state),
    ...escalations(sight, command, nowMs),
    ...ghostPlaces(sight),
    ...ghostWaiters(sight),
    ...unknownVends(sight, command),
    ...unaccounted(sight),
    ...stall(sight, command),
  ];
}

function asItStands(state: GateState): Finding {
  const { inProgress, maxInProgress, waiting, foreign, callsToday, callsAllowedToday } = state;
  const others = foreign > 0 ? `, and ${foreign} by others` : '';
  return {
    id: 'gate',
    level: 'ok',
    title: `the gate of ${state.organizationId} answers: ${inProgress} of ${maxInProgress} places taken${others}, ${waiting} waiting`,
    detail: `${callsToday} CreateAccount calls in 24 h, of ${callsAllowedToday} allowed.${
      state.waitingFor ? ` The next one waits for ${state.waitingFor}.` : ''
    }`,
  };
}

function escalations({ state }: GateSight, command: string, nowMs: number): Finding[] {
  return state.escalations.map(({ reason, message, since, nextCheckAt }) => ({
    id: 'gate-escalation',
    level: 'stop',
    title: `the organization is held back: ${reason}, for ${formatDuration(nowMs - Date.parse(since))}`,
    detail: `${withoutAddresses(message)} Since ${since}; ${
      nextCheckAt ? `one vend tries by itself at ${nextCheckAt}` : 'it waits until it is answered'
    }.`,
    fix: `${command} resolve --organization --retry (once the cause is mended)`,
  }));
}

function ghostPlaces({ state, ended }: GateSight): Finding[] {
  return state.places
    .filter(({ workflowId }) => ended.has(workflowId))
    .map(({ requestId, workflowId, since, ended: isKnown }) => ({
      id: 'gate-ghost-place',
      level: 'warning',
      title: `${requestId} holds a place, and its vend has ended`,
      detail: `Workflow ${workflowId}, since ${since}. ${
        isKnown
          ? 'The gate knows, and keeps the place until AWS shows nothing of it in progress: it looks every 30 s, and gives it up after 15 min.'
          : 'The gate has not noticed yet: it looks every 3 min, at most 15 where a place lasts, and then keeps it until AWS shows nothing of it in progress.'
      } It heals by itself.`,
      fix: 'Nothing. Where it is so after half an hour, see what AWS has in progress: aws organizations list-create-account-status --states IN_PROGRESS',
    }));
}

function ghostWaiters({ state, ended }: GateSight): Finding[] {
  const gone = state.queue.filter(({ workflowId }) => ended.has(workflowId));
  if (gone.length === 0) return [];
  return [
    {
      id: 'gate-ghost-waiter',
      level: 'note',
      title: `${gone.length} in the queue ${gone.length === 1 ? 'has' : 'have'} ended: ${gone.map(({ requestId }) => requestId).join(', ')}`,
      detail:
        'They hold nobody up: a turn that nobody takes is handed on at once, and the gate looks after those that wait in rounds.',
      fix: 'Nothing.',
    },
  ];
}

/** Lists lag, and messages take a moment: what is seen twice is so. */
function unknownVends(sight: GateSight, command: string): Finding[] {
  const unknown = sight.unknown.filter(({ workflowId }) =>
    sight.before.unknown.some((one) => one.workflowId === workflowId),
  );
  if (unknown.length === 0) return [];
  const names = unknown.slice(0, 10).map(({ requestId, stage }) => `${requestId} (${stage})`);
  return [
    {
      id: 'gate-unknown-vend',
      level: 'warning',
      title: `${unknown.length} ${unknown.length === 1 ? 'vend is' : 'vends are'} on the way that the gate does not know`,
      detail: `${names.join(', ')}${unknown.length > names.length ? ', …' : ''}. A vend is unknown for the moment in which its request is checked, or where the gate was started anew. It heals by itself: they ask again within 3 min, in a long queue within 30.`,
      fix: `Nothing. Where one stays, see what it waits for: ${command} show ID`,
    },
  ];
}

function unaccounted({ state, inProgressAtAws }: GateSight): Finding[] {
  if (inProgressAtAws === undefined) return [];
  const known = state.inProgress + state.foreign;
  if (inProgressAtAws <= known) return [];
  return [
    {
      id: 'gate-unaccounted-creations',
      level: 'note',
      title: `AWS has ${inProgressAtAws} creations in progress, the gate counts ${known}`,
      detail:
        'Others create in this organization. The gate counts theirs as soon as AWS refuses a creation for their number, and then every 30 s; until then a vend may be refused, and waits.',
      fix: 'aws organizations list-create-account-status --states IN_PROGRESS',
    },
  ];
}

/** There are places, calls and nobody that holds anybody back; and yet the same ones wait. */
function stall({ state, before, unknown }: GateSight, command: string): Finding[] {
  const [head] = state.queue;
  const isSame = head !== undefined && head.workflowId === before.state.queue[0]?.workflowId;
  const isFree =
    state.escalations.length === 0 &&
    state.inProgress + state.foreign < state.maxInProgress &&
    state.waitingFor === undefined &&
    before.state.waitingFor === undefined;
  if (!isSame || !isFree) return [];
  return [
    {
      id: 'gate-stalled',
      level: 'warning',
      title: `${state.waiting} wait, and nothing that is known holds them up`,
      detail: `The first is ${head.requestId}. The gate has free places and calls and does not let it go${
        unknown.length > 0 ? '; see as well those that it does not know' : ''
      }.`,
      fix: `${command} doctor --gate again in a minute; where it stays so, look at the log of the worker and at the gate in the Web UI`,
    },
  ];
}
