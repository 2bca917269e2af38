import type { Escalation, VendState } from '../../contract';
import { formatDuration } from '../../domain/duration';
import { amendableNow, nextSteps as stepsOf } from '../../domain/next-steps';
import { plain, type Io } from '../io';
import type { VendView } from '../vends/read-vend';

/** How things are said to a person at a terminal. */

/** The time of day where the person is, as the Web UI shows it too; with its day unless today. */
export function clockTime(at: Date | string): string {
  const date = new Date(at);
  const time = date.toTimeString().slice(0, 8);
  return dayOf(date) === dayOf(new Date()) ? time : `${dayOf(date)} ${time}`;
}

/** `2026-11-26`, where the person is. */
function dayOf(date: Date): string {
  const [year, month, day] = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return [year, month, day].map((part) => String(part).padStart(2, '0')).join('-');
}

const ISO_TIME = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

/** What a vend waits for, its times as the person's clock has them. */
export function waitText(waitingFor: string): string {
  return plain(waitingFor).replaceAll(ISO_TIME, (at) => comingTime(at));
}

/** `03:14:15 (in 20 s)`. */
function comingTime(at: string): string {
  const ms = Date.parse(at) - Date.now();
  return ms > 0 ? `${clockTime(at)} (in ${formatDuration(ms)})` : clockTime(at);
}

/** Since when it asks, and whether it also goes on by itself. */
export function escalationAge({ since, attempts, nextCheckAt }: Escalation): string {
  const age = formatDuration(Date.now() - Date.parse(since));
  const tries = attempts === 1 ? 'one attempt' : `${attempts} attempts`;
  const next = nextCheckAt
    ? `looks again by itself at ${comingTime(nextCheckAt)}`
    : 'waits until it is answered';
  return `Since ${clockTime(since)} (${age}), after ${tries}; ${next}.`;
}

export function ageOf(view: VendView): number {
  const end = view.closedAt === undefined ? Date.now() : Date.parse(view.closedAt);
  return end - Date.parse(view.startedAt);
}

export function headline({ state, status, attributes }: VendView): string {
  const stage = state?.stage ?? attributes['VendStage'] ?? 'stage unknown';
  if (status !== 'RUNNING') return state?.stage ?? status;
  const reason = state ? state.escalation?.reason : attributes['VendEscalation'];
  return reason ? `${stage}, needs a person: ${plain(reason)}` : stage;
}

/** How a vend that has ended came out. */
export function outcomeLine(view: VendView): string {
  const { status, result, failure, state, attributes } = view;
  if (result) {
    const second = result.govCloudAccountId
      ? ` and GovCloud account ${result.govCloudAccountId}`
      : '';
    return `done: account ${result.accountId}${second}`;
  }
  const accountId = state?.accountId ?? attributes['VendAccountId'];
  const left = accountId ? ` Account ${accountId} exists.` : '';
  if (!failure || failure.type === 'CancelledFailure') return `${status}.${left}`;
  return `${status}: ${failure.type}: ${plain(failure.message)}.${left}`.replace('..', '.');
}

/** The very lines that a person can type now. */
export function nextSteps(io: Io, state: VendState): string[] {
  const fields = amendableNow(state).join(', ');
  return stepsOf(state).map(({ command }) => {
    const line = `${io.command} ${command}`;
    return line.endsWith('FIELD=VALUE') && fields ? `${line}  # FIELD: ${fields}` : line;
  });
}

/** Where it is told at length; nothing where nobody answers a query. */
export function moreAbout({ runbook }: Escalation): string[] {
  return runbook ? [`More about it: ${plain(runbook)}`] : [];
}
