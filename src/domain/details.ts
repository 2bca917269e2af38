import { gateWorkflowId } from '../contract';
import type { Escalation, HistoryEntry, VendState } from '../contract';
import { plainly, runbookLink, section, time, whatYouCanDo, workflowLink } from './markdown';
import { amendableNow, nextSteps, openPacks } from './next-steps';
import { withoutAddresses } from './redact';
import { hasEnded } from './stages';

/** Where the vend's neighbours are, as far as it is known. */
export interface Whereabouts {
  namespace: string;
  organizationId: string;
}

/**
 * The page of a vend in the Web UI, as Markdown. What matters at three in the morning comes first:
 * what is the matter, since when, what happens by itself, and what to do.
 */
export function vendDetails(state: VendState, where?: Whereabouts): string {
  const gate = where
    ? `in ${workflowLink(where.namespace, gateWorkflowId(where.organizationId))}`
    : "in the organization's gate";
  const lines = [
    `### ${headline(state)}`,
    ...(state.escalation ? asked(state, state.escalation, gate) : underWay(state, gate)),
    ...section('Where it is', whereItIs(state)),
    ...section('Conformance packs in this account', packs(state)),
    ...section('Decided', decided(state)),
    ...section('Passed', state.history.map(passed)),
  ];
  return withoutAddresses(lines.join('\n'));
}

function headline({ escalation, stage }: VendState): string {
  if (escalation) return `Needs a person: ${escalation.reason}`;
  switch (stage) {
    case 'done':
      return 'Done: the account is ready';
    case 'abandoned':
      return 'Ended: abandoned';
    case 'cancelled':
      return 'Ended: cancelled';
    case 'failed':
      return 'Ended: failed';
    default:
      return `Under way: ${stage}`;
  }
}

function asked(state: VendState, escalation: Escalation, gate: string): string[] {
  const { message, since, attempts, nextCheckAt, runbook, scope } = escalation;
  const amendable = amendableNow(state);
  return [
    '',
    plainly(message),
    '',
    `- Since **${time(since)}**, after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`,
    nextCheckAt
      ? `- Looks again by itself at **${time(nextCheckAt)}**; nothing is lost meanwhile`
      : '- Waits for an answer; nothing is lost meanwhile',
    ...(scope === 'organization' ? ['- Concerns the whole organization: one answer for all'] : []),
    ...(runbook ? [`- Runbook: ${runbookLink(runbook)}`] : []),
    ...whatYouCanDo(nextSteps(state), gate),
    ...(amendable.length > 0 ? ['', `Can be amended now: ${amendable.join(', ')}`] : []),
  ];
}

function underWay(state: VendState, gate: string): string[] {
  const { waitingFor } = state;
  if (hasEnded(state.stage)) return [];
  const steps = nextSteps(state);
  return [
    '',
    ...(waitingFor ? [`- Waits for ${plainly(waitingFor)}`] : []),
    ...(steps.length > 0 ? whatYouCanDo(steps, gate) : ['- Nothing to do: it goes on by itself']),
  ];
}

function whereItIs(state: VendState): string[] {
  const { history, stage, accountId, govCloudAccountId, organizationalUnitId } = state;
  const entered = history.findLast((entry) => isStage(entry) && entry.stage === stage);
  const before = history.filter((entry) => isStage(entry) && entry.stage !== stage);
  const done = [...new Set(before.map((entry) => entry.stage))];
  const requests = state.createAccountRequestIds.map((id) => `\`${id}\``);
  return [
    `Stage: **${stage}**${entered ? ` since ${time(entered.at)}` : ''}`,
    ...(done.length > 0 ? [`Passed: ${done.join(', ')}`] : []),
    ...(accountId ? [`Account: \`${accountId}\``] : []),
    ...(govCloudAccountId
      ? [`GovCloud account: \`${govCloudAccountId}\` (standalone, untagged, unchecked)`]
      : []),
    ...(organizationalUnitId ? [`Organizational unit: \`${organizationalUnitId}\``] : []),
    ...(requests.length > 0 ? [`Create account requests: ${requests.join(', ')}`] : []),
  ];
}

function isStage({ note }: HistoryEntry): boolean {
  return note === undefined;
}

/** Those that are waited for first, and why. */
function packs({ conformance = [] }: VendState): string[] {
  const open = new Set(openPacks(conformance));
  const rows = [...conformance].sort((a, b) => Number(open.has(b)) - Number(open.has(a)));
  return rows.map((row) => {
    const error = row.errorCode ? ` (${row.errorCode})` : '';
    return `${row.region}/${row.pack}: ${plainly(row.status + error)}`;
  });
}

function decided({ decisions }: VendState): string[] {
  return decisions.map(({ at, action, by, reason }) =>
    plainly(`${at} ${action} by ${by}${reason ? `: ${reason}` : ''}`),
  );
}

function passed({ at, stage, note }: HistoryEntry): string {
  return note ? `${time(at)} ${stage}: ${plainly(note)}` : `${time(at)} **${stage}**`;
}
