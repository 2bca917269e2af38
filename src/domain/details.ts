import type { ResolutionAction, VendState } from '../contract';
import { withoutAddresses } from './redact';

/**
 * The page of a vend in the Web UI, as Markdown: what is done, what is waited for, since when, and
 * what a person can do. Bullets and bold, because the UI draws tables without borders.
 */
export function vendDetails(state: VendState): string {
  const lines = [`**${headline(state)}**`, ''];
  if (state.waitingFor) lines.push(`- Waiting for: ${state.waitingFor}`);
  if (state.accountId) lines.push(`- Account: \`${state.accountId}\``);
  if (state.govCloudAccountId) {
    lines.push(
      `- GovCloud account: \`${state.govCloudAccountId}\` (standalone, untagged, unchecked)`,
    );
  }
  if (state.organizationalUnitId) {
    lines.push(`- Organizational unit: \`${state.organizationalUnitId}\``);
  }
  if (state.createAccountRequestIds.length > 0) {
    lines.push(
      `- Create account requests: ${state.createAccountRequestIds.map((id) => `\`${id}\``).join(', ')}`,
    );
  }
  lines.push(...escalationLines(state), ...conformanceLines(state), ...decisionLines(state));
  lines.push('', '**Stages**', '');
  for (const entry of state.history) {
    lines.push(
      `- ${clockTime(entry.at)} ${entry.note ? `${entry.stage}: ${entry.note}` : `**${entry.stage}**`}`,
    );
  }
  return withoutAddresses(lines.join('\n'));
}

function headline(state: VendState): string {
  if (state.escalation) return `Needs a person: ${state.escalation.reason}`;
  switch (state.stage) {
    case 'done':
      return 'The account is ready';
    case 'abandoned':
      return 'Abandoned';
    case 'cancelled':
      return 'Cancelled';
    case 'failed':
      return 'Failed';
    default:
      return `Under way: ${state.stage}`;
  }
}

function escalationLines({ escalation, requestId }: VendState): string[] {
  if (!escalation) return [];
  const { id, scope, message, since, attempts, actions, nextCheckAt } = escalation;
  return [
    '',
    `**What happened**`,
    '',
    `- ${message}`,
    `- Since ${since}, after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`,
    nextCheckAt ? `- Looked at again by itself at ${nextCheckAt}` : '- Waits for an answer',
    '',
    '**What you can do**',
    '',
    ...(scope === 'organization' && !actions.includes('retry')
      ? ['- `vend resolve --organization --retry` (for all that are held back)']
      : []),
    ...actions.map((action) => `- \`${answerLine(requestId, action)}\``),
    ...(escalation.amendable
      ? [`- what can be amended now: ${escalation.amendable.join(', ')}`]
      : []),
    `- or send the update \`resolve\` here: \`{"escalationId":"${id}","action":"${actions[0] ?? 'abandon'}"…}\``,
  ];
}

/** What a person can type to answer. */
export function answerLine(requestId: string, action: ResolutionAction): string {
  return `vend resolve ${requestId} ${command(action)}`;
}

function command(action: ResolutionAction): string {
  switch (action) {
    case 'retry':
      return '--retry';
    case 'amend':
      return '--amend FIELD=VALUE';
    case 'adopt':
      return '--adopt ACCOUNT_ID';
    case 'waive':
      return '--waive PACK|STAGE --reason "…"';
    case 'abandon':
      return '--abandon --reason "…"';
  }
}

function conformanceLines({ conformance }: VendState): string[] {
  if (!conformance || conformance.length === 0) return [];
  const rows = conformance.map((row) => {
    const error = row.errorCode ? ` (${row.errorCode})` : '';
    return `- ${row.region}/${row.pack}: ${row.status}${error}`;
  });
  return ['', '**Conformance packs in this account**', '', ...rows];
}

function decisionLines({ decisions }: VendState): string[] {
  if (decisions.length === 0) return [];
  const rows = decisions.map(
    (decision) =>
      `- ${clockTime(decision.at)} ${decision.action} by ${decision.by}${decision.reason ? `: ${decision.reason}` : ''}`,
  );
  return ['', '**Decisions**', '', ...rows];
}

/** `2026-11-22 05:06:07`, UTC. */
function clockTime(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}
