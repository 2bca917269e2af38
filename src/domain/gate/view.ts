import type { Decision, Escalation, GatePlace, GateState, Resolution } from '../../contract';
import { plainly, runbookLink, section, time, whatYouCanDo } from '../markdown';
import { gateSteps } from '../next-steps';
import { withoutAddresses } from '../redact';
import { textProblem } from '../resolution';
import { runbookEntry } from '../runbook';
import { isObject, strayField } from '../shape';
import { isAnswered } from './breaker';
import { callsAllowedInDay, callsInDay, hasToken, untilTokenMs } from './allowance';
import type { Gate } from './gate';
import { dayEscalation, escalationOf } from './mail';
import type { Iso } from './mail';

const MOST_SHOWN = 50;

/** What the query `state` of the gate answers. */
export function gateState(gate: Gate, nowMs: number, iso: Iso): GateState {
  const blocks = gate.breaker.before('govcloud').map((block) => escalationOf(block, iso));
  const day = dayEscalation(gate, iso);
  const ids = gate.escalationIds();
  const escalations = (day ? [...blocks, day] : blocks)
    .toSorted((one, other) => ids.indexOf(one.id) - ids.indexOf(other.id))
    .map((each) => ({ ...each, runbook: runbookEntry(each.reason, gate.policy?.runbookUrl) }));
  const [escalation] = escalations;
  const waiters = gate.waiters();
  const waitingFor = whatNextWaitsFor(gate, waiters.length, nowMs, iso);
  const placed = gate.placed();
  return {
    organizationId: gate.organizationId,
    ...(escalation ? { escalation } : {}),
    escalations,
    inProgress: placed.length,
    foreign: gate.watchman.foreign,
    maxInProgress: gate.policy?.maxInProgress ?? 0,
    waiting: waiters.length,
    callsToday: gate.allowance ? callsInDay(gate.allowance) : 0,
    callsAllowedToday:
      gate.allowance && gate.policy ? callsAllowedInDay(gate.allowance, gate.policy) : 0,
    places: placed.slice(0, MOST_SHOWN).map(({ holder, place }) => ({
      requestId: holder.requestId,
      workflowId: holder.workflowId,
      since: iso(place?.sinceMs ?? nowMs),
      ...(place?.probe ? { probe: true as const } : {}),
      ...(place?.deadSinceMs === undefined ? {} : { ended: true as const }),
    })),
    queue: waiters.slice(0, MOST_SHOWN).map(({ member: { holder } }) => ({
      requestId: holder.requestId,
      workflowId: holder.workflowId,
    })),
    decisions: [...gate.decisions],
    ...(waitingFor ? { waitingFor } : {}),
  };
}

const DAY = 'the limit of the day (creation.perDay)';

function whatNextWaitsFor(
  gate: Gate,
  waiting: number,
  nowMs: number,
  iso: Iso,
): string | undefined {
  if (waiting === 0) return undefined;
  const { policy, allowance } = gate;
  if (!policy || !allowance) return 'the configuration to be read';
  const [block] = gate.breaker.before('govcloud');
  if (block && isAnswered(block) && gate.day) return DAY;
  if (block?.state === 'probing') return `one vend to find out whether ${block.reason} is over`;
  if (block) return `somebody to mend ${block.reason}`;
  if (gate.day) return DAY;
  const occupied = gate.occupied();
  if (occupied >= policy.maxInProgress) {
    const foreign = gate.watchman.foreign;
    const others = foreign > 0 ? `, ${foreign} of them not by vends` : '';
    return `one of ${occupied} creations in progress to end${others}`;
  }
  if (gate.fullUntilMs !== undefined) return 'AWS to have fewer creations in progress';
  if (hasToken(allowance)) return undefined;
  return `the rate of CreateAccount calls; the next may be sent at ${iso(nowMs + untilTokenMs(allowance, policy))}`;
}

const FIELDS = ['action', 'escalationId', 'by', 'reason'];

/** Why an answer does not fit; undefined where it does. Whatever is typed into the UI's form comes here. */
export function gateResolutionProblem(given: unknown, state: GateState): string | undefined {
  if (!isObject(given)) return 'a resolution is one JSON object, such as {"action":"retry"}';
  const { action, escalationId } = given;
  if (state.escalations.length === 0) {
    return 'no escalation of the organization is open: there is nothing to resolve';
  }
  const ids = state.escalations.map(({ id }) => id);
  if (escalationId !== undefined && !ids.some((id) => id === escalationId)) {
    return `escalationId is not that of an open escalation, which is ${ids.join(' or ')}`;
  }
  if (action !== 'retry') {
    return 'action must be retry: only a vend itself can be abandoned, amended or given an account';
  }
  const stray = strayField(given, FIELDS);
  if (stray) return `${stray} is not a field of it; these are: ${FIELDS.join(', ')}`;
  return textProblem(given);
}

const MOST_DECISIONS = 50;

/** Carries out an answer that fits, and writes it down. */
export function decideGate(
  gate: Gate,
  resolution: Resolution,
  via: Decision['via'],
  nowMs: number,
  iso: Iso,
): Decision {
  const escalationId = gate.retry(resolution.escalationId, nowMs) ?? '';
  const decision: Decision = {
    at: iso(nowMs),
    by: withoutAddresses(resolution.by ?? 'unknown'),
    via,
    action: resolution.action,
    ...(resolution.reason ? { reason: withoutAddresses(resolution.reason) } : {}),
    escalationId,
  };
  gate.decisions = [...gate.decisions, decision].slice(-MOST_DECISIONS);
  return decision;
}

/** The gate's page in the Web UI, as Markdown. */
export function gateDetails(state: GateState): string {
  const { escalations, places, queue, decisions, waiting } = state;
  const lines = [`### ${headline(state)}`];
  if (escalations.length === 0) {
    lines.push(
      '',
      ...(state.waitingFor ? [`- The next one waits for ${plainly(state.waitingFor)}`] : []),
      '- Nothing to do: it goes on by itself',
    );
  }
  for (const escalation of escalations) lines.push(...asked(escalation, escalations.length > 1));
  lines.push(
    ...section('Where it is', [
      `Creating: ${state.inProgress} of ${state.maxInProgress} places${state.foreign > 0 ? `, and ${state.foreign} in progress not by vends` : ''}`,
      `Waiting: ${waiting}`,
      `CreateAccount calls in 24 h: ${state.callsToday} of ${state.callsAllowedToday} allowed`,
    ]),
    ...section('Creating', places.map(placeLine)),
    ...section('Waiting', [
      ...queue.map(({ requestId }) => requestId),
      ...(waiting > queue.length ? [`and ${waiting - queue.length} more`] : []),
    ]),
    ...section(
      'Decided',
      decisions.map(({ at, action, by, reason }) =>
        plainly(`${at} ${action} by ${by}${reason ? `: ${reason}` : ''}`),
      ),
    ),
  );
  return withoutAddresses(lines.join('\n'));
}

function headline({ escalations, inProgress, maxInProgress, waiting }: GateState): string {
  const [first] = escalations;
  if (first) return `Needs a person: creating is held back by ${first.reason}`;
  return waiting > 0 || inProgress > 0
    ? `Under way: ${inProgress} of ${maxInProgress} places taken, ${waiting} waiting`
    : 'Nobody wants to create just now';
}

function asked(escalation: Escalation, isOneOfMany: boolean): string[] {
  const { reason, message, since, attempts, nextCheckAt, runbook } = escalation;
  return [
    '',
    ...(isOneOfMany ? [`**${reason}**`, ''] : []),
    plainly(message),
    '',
    `- Since **${time(since)}**, met ${attempts} ${attempts === 1 ? 'time' : 'times'}`,
    nextCheckAt
      ? `- One vend tries again by itself at **${time(nextCheckAt)}**; the others wait, and nothing is lost`
      : '- Waits for an answer; nothing is lost meanwhile',
    ...(runbook ? [`- Runbook: ${runbookLink(runbook)}`] : []),
    ...whatYouCanDo(gateSteps(escalation, isOneOfMany), 'here'),
  ];
}

function placeLine({ requestId, since, probe, ended }: GatePlace): string {
  const finds = probe ? ', finds out whether it is over' : '';
  return `${requestId} since ${time(since)}${finds}${ended ? ', its vend has ended' : ''}`;
}
