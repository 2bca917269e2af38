import type { GatePolicy } from './messages';

/** A little below AWS's rate: its clock and ours differ, and what it refuses costs a token too. */
const PACE = 0.98;

const DAY_MS = 24 * 3_600_000;
const SLICE_MS = 10 * 60_000;

/** How many CreateAccount calls may be sent now: a token bucket, and the count of a day. */
export interface Allowance {
  /** May be below zero: a call that is repeated takes its token in advance. */
  tokens: number;
  atMs: number;
  /** Calls by slices of ten minutes: `[slice, calls]`, oldest first. */
  calls: [number, number][];
  /** What people have allowed beyond the day's limit, and until when it counts. */
  extra?: { calls: number; untilMs: number };
}

export function newAllowance(policy: GatePolicy, nowMs: number): Allowance {
  return { tokens: policy.burst, atMs: nowMs, calls: [] };
}

/** Refills for the time that has passed; a clock that jumps never fills it beyond the burst. */
export function refill(allowance: Allowance, policy: GatePolicy, nowMs: number): void {
  const passed = Math.max(0, nowMs - allowance.atMs);
  const refilled = allowance.tokens + (passed / 1_000) * policy.perSecond * PACE;
  allowance.tokens = Math.min(policy.burst, refilled);
  allowance.atMs = nowMs;
  const oldest = sliceOf(nowMs - DAY_MS);
  allowance.calls = allowance.calls.filter(([slice]) => slice >= oldest);
  if (allowance.extra && nowMs >= allowance.extra.untilMs) delete allowance.extra;
}

/** A call is sent, or will be. */
export function spend(allowance: Allowance, nowMs: number): void {
  allowance.tokens -= 1;
  const slice = sliceOf(nowMs);
  const last = allowance.calls.at(-1);
  if (last && last[0] >= slice) last[1] += 1;
  else allowance.calls.push([slice, 1]);
}

/** A bucket is never exactly full: a rounding error must not cost a wait. */
const ALMOST_ONE = 1 - 1e-9;

export function hasToken(allowance: Allowance): boolean {
  return allowance.tokens >= ALMOST_ONE;
}

/** Until there is a token. */
export function untilTokenMs(allowance: Allowance, policy: GatePolicy): number {
  if (hasToken(allowance)) return 0;
  return Math.ceil(((1 - allowance.tokens) / (policy.perSecond * PACE)) * 1_000);
}

export function callsInDay(allowance: Allowance): number {
  return allowance.calls.reduce((sum, [, calls]) => sum + calls, 0);
}

export function callsAllowedInDay(allowance: Allowance, policy: GatePolicy): number {
  return policy.perDay + (allowance.extra?.calls ?? 0);
}

/** A person allows as many again. */
export function allowAsManyAgain(allowance: Allowance, policy: GatePolicy, nowMs: number): void {
  const calls = (allowance.extra?.calls ?? 0) + policy.perDay;
  allowance.extra = { calls, untilMs: nowMs + DAY_MS };
}

/** When the oldest calls leave the day. */
export function dayFreesAtMs(allowance: Allowance, nowMs: number): number {
  const oldest = allowance.calls[0];
  return oldest ? (oldest[0] + 1) * SLICE_MS + DAY_MS : nowMs;
}

function sliceOf(ms: number): number {
  return Math.floor(ms / SLICE_MS);
}
