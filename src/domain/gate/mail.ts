import { OwnReason } from '../../contract';
import type { Escalation } from '../../contract';
import { callsInDay, untilTokenMs } from './allowance';
import { isAnswered } from './breaker';
import type { Block } from './breaker';
import type { Gate, Told } from './gate';
import type { Member, Turn, Wait } from './member';
import { GATE_PROTOCOL } from './messages';
import type { Grant, Holder, Notice } from './messages';

/** A signal to a vend. */
export type Outgoing = { to: Holder; ticket: number } & (
  { signal: 'grant'; message: Grant } | { signal: 'notice'; message: Notice }
);

/** Epoch milliseconds as ISO 8601. */
export type Iso = (ms: number) => string;

/**
 * What is to be sent now, at most so much, and marked as sent: grants first. What every waiting vend
 * is told (where it stands, that the organization is held back) is made only when it can be sent.
 */
export function takeMail(gate: Gate, room: number, iso: Iso): Outgoing[] {
  const mail: Outgoing[] = [];
  const isFull = () => mail.length >= room;
  for (const member of gate.members.values()) {
    for (const turn of [member.place, member.step]) {
      if (isFull()) return mail;
      if (turn?.unsent) mail.push(grant(gate, member.holder, turn));
    }
  }
  while (gate.outbox.length > 0 && !isFull()) {
    const letter = gate.outbox.shift();
    if (letter) mail.push(notice(letter.to, letter.ticket, letter.told));
  }
  if (isFull() || !someoneIsToBeTold(gate)) return mail;
  for (const [ahead, { member, wait }] of gate.waiters().entries()) {
    if (isFull()) return mail;
    const told = tellWaiter(gate, member, wait, ahead, iso);
    if (told) mail.push(notice(member.holder, wait.ticket, told));
  }
  return mail;
}

function grant(gate: Gate, to: Holder, turn: Turn): Outgoing {
  delete turn.unsent;
  const { ticket, runId, probe } = turn;
  const message: Grant = {
    v: GATE_PROTOCOL,
    ticket,
    runId,
    inProgress: Math.max(1, gate.occupied()),
    ...(probe ? { probe } : {}),
  };
  return { to, ticket, signal: 'grant', message };
}

function notice(to: Holder, ticket: number, told: Told): Outgoing {
  return { to, ticket, signal: 'notice', message: { v: GATE_PROTOCOL, ticket, ...told } };
}

/** Sorting thousands of waiters is worth it only where one of them is to hear something. */
function someoneIsToBeTold(gate: Gate): boolean {
  for (const { wait, told } of gate.members.values()) {
    if (wait && (!wait.acked || told !== versionOf(gate, wait))) return true;
  }
  return false;
}

function tellWaiter(
  gate: Gate,
  member: Member,
  wait: Wait,
  ahead: number,
  iso: Iso,
): Told | undefined {
  const version = versionOf(gate, wait);
  const { told } = member;
  if (told !== version) {
    wait.acked = true;
    if (version === undefined) {
      delete member.told;
      return { is: 'opened' };
    }
    member.told = version;
    const escalation = escalationBefore(gate, wait, iso);
    return escalation && { is: 'held', escalation };
  }
  if (wait.acked || !gate.policy || !gate.allowance) return undefined;
  wait.acked = true;
  const perToken = 1_000 / gate.policy.perSecond;
  const etaMs = Math.round(untilTokenMs(gate.allowance, gate.policy) + ahead * perToken);
  const { maxInProgress } = gate.policy;
  return { is: 'queued', ahead, inProgress: gate.occupied(), maxInProgress, etaMs };
}

/** What a waiter is to be shown, as one word; undefined while nothing holds it back. */
function versionOf(gate: Gate, wait: Wait): string | undefined {
  const block = blockBefore(gate, wait);
  if (block) return `${block.id}.${block.version}`;
  return gate.day && wait.kind !== 'step' ? gate.day.id : undefined;
}

/** What a person has still to answer comes before what is answered: also the limit of the day. */
function blockBefore(gate: Gate, wait: Wait): Block | undefined {
  const [block] = gate.breaker.before(wait.kind);
  const isDay = gate.day && wait.kind !== 'step';
  return block && isDay && isAnswered(block) ? undefined : block;
}

function escalationBefore(gate: Gate, wait: Wait, iso: Iso): Escalation | undefined {
  const block = blockBefore(gate, wait);
  const escalation = block ? escalationOf(block, iso) : dayEscalation(gate, iso);
  // On the vend itself only abandon is answered.
  return escalation && { ...escalation, actions: ['abandon'] };
}

/** The organization's escalation, as the gate shows it. */
export function escalationOf(block: Block, iso: Iso): Escalation {
  const { id, reason, message, sinceMs, attempts, nextCheckAtMs } = block;
  return {
    id,
    scope: 'organization',
    reason,
    message: `${message} It is answered once, for the whole organization.`,
    since: iso(sinceMs),
    attempts,
    actions: ['retry'],
    ...(nextCheckAtMs === undefined ? {} : { nextCheckAt: iso(nextCheckAtMs) }),
  };
}

export function dayEscalation(gate: Gate, iso: Iso): Escalation | undefined {
  const { day, policy, allowance } = gate;
  if (!day || !policy || !allowance) return undefined;
  const calls = callsInDay(allowance);
  return {
    id: day.id,
    scope: 'organization',
    reason: OwnReason.DAILY_CREATIONS_SPENT,
    message: `${calls} CreateAccount calls were sent in 24 hours, as many as creation.perDay allows. If so many accounts are wanted, retry allows as many again; it is answered once, for the whole organization.`,
    since: iso(day.sinceMs),
    attempts: calls,
    actions: ['retry'],
  };
}
