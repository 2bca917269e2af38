import type { Decision } from '../../contract';
import { vendWorkflowId } from '../../contract';
import type { Asked } from '../asking';
import { Room } from '../carried';
import type { Allowance } from './allowance';
import { Breaker } from './breaker';
import type { Block } from './breaker';
import { Gate } from './gate';
import type { DayBlock, Letter, Twin } from './gate';
import { keyOf } from './member';
import type { Member } from './member';
import type { Ask, GatePolicy, TurnKind } from './messages';
import { Watchman } from './watchman';

/**
 * What a gate hands to itself when it continues as new. Those who wait, or keep an address, are
 * thousands: each is one short text. Fields that are added later must be optional.
 */
export interface CarriedGate {
  organizationId: string;
  policy?: GatePolicy;
  policyReadAtMs: number;
  allowance?: Allowance;
  /** In their order. */
  waiting: string[];
  /** With a turn. */
  members: Member[];
  gone: [string, number, number][];
  breaker: { blocks: Block[]; count: number };
  day?: DayBlock;
  ledger: Record<string, string>;
  twins: Twin[];
  parked: Ask[];
  outbox: Letter[];
  watchman: { foreign: number; checkedAtMs: number };
  decisions: Decision[];
  fullUntilMs?: number;
  asked?: Asked[];
}

export function packGate(gate: Gate): CarriedGate {
  const all = [...gate.members.values()];
  const order = ({ wait }: Member) => wait?.order ?? 0;
  const carried: CarriedGate = {
    organizationId: gate.organizationId,
    policyReadAtMs: gate.policyReadAtMs,
    ...(gate.policy ? { policy: gate.policy } : {}),
    ...(gate.allowance ? { allowance: gate.allowance } : {}),
    waiting: all
      .filter((member) => !member.place && !member.step)
      .sort((one, other) => order(one) - order(other))
      .map(packMember),
    members: all.filter((member) => member.place ?? member.step),
    gone: [...gate.gone].map(([key, { ticket, atMs }]) => [shortId(key), ticket, atMs]),
    breaker: gate.breaker.pack(),
    ...(gate.day ? { day: gate.day } : {}),
    ledger: Object.fromEntries(gate.ledger),
    twins: gate.twins,
    parked: [...gate.parked],
    outbox: [],
    watchman: gate.watchman.pack(),
    decisions: gate.decisions,
    ...(gate.fullUntilMs === undefined ? {} : { fullUntilMs: gate.fullUntilMs }),
    ...(gate.asked.length > 0 ? { asked: gate.asked } : {}),
  };
  // Who was not answered asks again.
  const room = new Room(carried);
  return { ...carried, outbox: gate.outbox.filter((letter) => room.takes(letter)) };
}

export function unpackGate(carried: CarriedGate): Gate {
  const gate = new Gate(
    carried.organizationId,
    new Breaker(carried.breaker),
    new Watchman(carried.watchman),
  );
  gate.policy = carried.policy;
  gate.policyReadAtMs = carried.policyReadAtMs;
  gate.allowance = carried.allowance;
  gate.day = carried.day;
  gate.twins = carried.twins;
  gate.outbox = carried.outbox;
  gate.decisions = carried.decisions;
  gate.fullUntilMs = carried.fullUntilMs;
  gate.asked = carried.asked ?? [];
  for (const [key, ticket, atMs] of carried.gone) gate.gone.set(longId(key), { ticket, atMs });
  for (const [requestId, account] of Object.entries(carried.ledger)) {
    gate.ledger.set(requestId, account);
  }
  // Whoever has a turn and waits as well came before those that only wait.
  const orders = carried.members.map(({ wait }) => wait?.order ?? 0);
  gate.order = Math.max(0, ...orders);
  for (const member of carried.members) gate.members.set(keyOf(member.holder), member);
  for (const text of carried.waiting) {
    const member = unpackMember(text);
    if (member.wait) member.wait.order = gate.order += 1;
    gate.members.set(keyOf(member.holder), member);
  }
  for (const ask of carried.parked) gate.ask(ask);
  return gate;
}

const KINDS: readonly TurnKind[] = ['standard', 'govcloud', 'step'];
const IDLE = '-';

/** `requestId|run|ticket|emailKey|kind and flags|told|runId|workflowId`; the last three mostly empty. */
function packMember({ holder, ticket, emailKey, wait, told, reports }: Member): string {
  const { requestId, workflowId, firstExecutionRunId } = holder;
  const flags = wait
    ? `${KINDS.indexOf(wait.kind)}${wait.retried ? 'r' : ''}${wait.acked ? 'a' : ''}`
    : IDLE;
  const isUsual = workflowId === vendWorkflowId(requestId);
  const parts = [
    requestId,
    shortId(firstExecutionRunId),
    String(ticket),
    emailKey ?? '',
    flags,
    told ?? '',
    wait?.runId ? shortId(wait.runId) : '',
    reports ? String(reports) : '',
    isUsual ? '' : workflowId,
  ];
  return parts.join('|').replace(/\|+$/, '');
}

function unpackMember(text: string): Member {
  const parts = text.split('|');
  const [requestId = '', run = '', ticketText = '', emailKey, flags = IDLE] = parts;
  const [told, runId, reports] = parts.slice(5);
  // A parent may have chosen an id with the separator in it.
  const workflowId = parts.slice(8).join('|') || vendWorkflowId(requestId);
  const ticket = Number(ticketText);
  const kind = KINDS[Number(flags[0])];
  return {
    holder: { workflowId, firstExecutionRunId: longId(run), requestId },
    ticket,
    ...(emailKey ? { emailKey } : {}),
    ...(told ? { told } : {}),
    ...(reports ? { reports: Number(reports) } : {}),
    ...(flags !== IDLE && kind
      ? {
          wait: {
            ticket,
            kind,
            order: 0,
            ...(flags.includes('r') ? { retried: true as const } : {}),
            ...(flags.includes('a') ? { acked: true as const } : {}),
            ...(runId ? { runId: longId(runId) } : {}),
          },
        }
      : {}),
  };
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SHORT = /^\.[0-9a-z]+$/;

/** A UUID's 128 bits in base 36: 26 characters instead of 36. */
function shortId(id: string): string {
  if (!UUID.test(id)) return id;
  return `.${BigInt(`0x${id.replaceAll('-', '')}`).toString(36)}`;
}

function longId(id: string): string {
  if (!SHORT.test(id)) return id;
  let bits = 0n;
  for (const digit of id.slice(1)) bits = bits * 36n + BigInt(Number.parseInt(digit, 36));
  const hex = bits.toString(16).padStart(32, '0');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
