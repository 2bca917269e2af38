import type { Escalation, ResolutionAction, VendState } from '../contract';
import { formatDuration } from '../domain/duration';
import { plain, type Io } from './io';
import type { VendView } from './read-vend';

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
export function comingTime(at: string): string {
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
  const { escalation, requestId } = state;
  if (!escalation) return [];
  // Only abandon is answered on the vend where its organization is held back.
  const forAll =
    escalation.scope === 'organization' && !escalation.actions.includes('retry')
      ? [`${io.command} resolve --organization --retry`]
      : [];
  const own = escalation.actions.flatMap((action) =>
    flagsFor(action, escalation, state).map(
      (flags) => `${io.command} resolve ${requestId} ${flags}`,
    ),
  );
  return [...forAll, ...own];
}

function flagsFor(action: ResolutionAction, escalation: Escalation, state: VendState): string[] {
  switch (action) {
    case 'retry':
      return ['--retry'];
    case 'amend':
      return [`--amend ${amendable(escalation)}`];
    case 'adopt':
      return ['--adopt ACCOUNT_ID'];
    case 'waive':
      return waivable(state).map((what) => `--waive ${what} --reason '…'`);
    case 'abandon':
      return [`--abandon --reason '…'`];
    default:
      return [`--${String(action)}`];
  }
}

/** The field that the reason is about, or else all that can be amended now. */
function amendable({ reason, amendable: fields = [] }: Escalation): string {
  const meant = fieldOf(reason);
  if (meant && (fields.length === 0 || fields.some((field) => field === meant))) {
    return `${meant}=${PLACEHOLDERS[meant]}`;
  }
  return fields.length > 0 ? `${fields.join('|')}=VALUE` : 'FIELD=VALUE';
}

const PLACEHOLDERS = {
  email: 'NEW_ADDRESS',
  accountName: 'NEW_NAME',
  organizationalUnit: 'UNIT',
} as const;

function fieldOf(reason: string): keyof typeof PLACEHOLDERS | undefined {
  if (/EMAIL|Email|NOT_OURS/.test(reason)) return 'email';
  if (/ACCOUNT_NAME|NAME_/.test(reason)) return 'accountName';
  if (/ADDRESS/.test(reason)) return 'email';
  if (/PARENT|Parent|ORGANIZATIONAL_UNIT|ALREADY_PLACED/.test(reason)) return 'organizationalUnit';
  return undefined;
}

/** Packs that hold the vend up, or else the stage itself. */
function waivable(state: VendState): string[] {
  if (state.stage !== 'conforming') return [state.stage];
  const open = (state.conformance ?? []).filter(
    ({ status }) => !/_SUCCESSFUL$|^EXCLUDED$|^WAIVED$/.test(status),
  );
  return open.map(({ region, pack }) => `${region}/${pack}`);
}
