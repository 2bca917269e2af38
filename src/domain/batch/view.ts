import type { BatchCounts, BatchResult, BatchRow, BatchState } from '../../contract';
import { withoutAddresses } from '../redact';
import { hasEndedOtherwise, workflowIdOf, WINDOW } from './batch';
import type { Batch, Row } from './batch';

/** So many rows of a kind stand on the page of a batch. */
const MOST_LINES = 25;

export function batchState(batch: Batch): BatchState {
  const accounts = [...batch.rows.values()].map(shown);
  const counts = countsOf(batch);
  const waitingFor = waitingForOf(batch, counts);
  return {
    name: batch.name,
    counts,
    accounts,
    ...(batch.isCancelling ? { cancelling: true } : {}),
    ...(waitingFor ? { waitingFor } : {}),
  };
}

export function batchResult(batch: Batch): BatchResult {
  const { name, counts, accounts } = batchState(batch);
  return { name, counts, accounts };
}

function shown(row: Row): BatchRow {
  const { requestId, status, stage, accountId, escalation, failure } = row;
  return {
    requestId,
    workflowId: workflowIdOf(row),
    status,
    ...(stage ? { stage } : {}),
    ...(accountId ? { accountId } : {}),
    ...(escalation ? { escalation: escalation.reason } : {}),
    ...(failure ? { failure } : {}),
  };
}

function countsOf(batch: Batch): BatchCounts {
  const rows = [...batch.rows.values()];
  const count = (test: (row: Row) => boolean) => rows.filter(test).length;
  return {
    total: rows.length,
    waiting: count(({ status }) => status === 'WAITING'),
    running: count(({ status }) => status === 'RUNNING'),
    needPerson: count(({ status, escalation }) => status === 'RUNNING' && escalation !== undefined),
    done: count(({ status }) => status === 'COMPLETED'),
    endedOtherwise: count(hasEndedOtherwise),
  };
}

function waitingForOf(batch: Batch, counts: BatchCounts): string | undefined {
  const { waiting, running, needPerson } = counts;
  if (batch.isCancelling) return running > 0 ? `${vends(running)} to wind down` : undefined;
  if (running + waiting === 0) return undefined;
  if (needPerson > 0 && needPerson === running && waiting === 0) {
    return `a person: ${vends(needPerson)} asked`;
  }
  const behind = waiting > 0 ? `; ${waiting} stand behind them` : '';
  return `${vends(running)}${behind}`;
}

function vends(count: number): string {
  return count === 1 ? 'one vend' : `${count} vends`;
}

/** The page of a batch in the Web UI, as Markdown; bounded, however many accounts there are. */
export function batchDetails(batch: Batch): string {
  const counts = countsOf(batch);
  const rows = [...batch.rows.values()];
  const lines = [`### ${headline(batch, counts)}`, ''];
  if (counts.waiting > 0) {
    lines.push(
      `- ${counts.waiting} wait for their turn: at most ${WINDOW} at a time have no account yet`,
    );
  }
  for (const [stage, count] of stagesOf(rows)) lines.push(`- ${stage}: ${count}`);
  const approving = rows.filter(
    ({ status, stage }) => status === 'RUNNING' && stage === 'approving',
  );
  lines.push(...peopleLines(rows.filter(({ escalation }) => escalation !== undefined)));
  lines.push(...approvalLines(approving));
  lines.push(...endLines(rows.filter(hasEndedOtherwise)));
  return withoutAddresses(lines.join('\n'));
}

function headline(batch: Batch, { total, done, endedOtherwise, needPerson }: BatchCounts): string {
  const parts = [`${done} of ${total} done`];
  if (needPerson > 0) parts.push(`${needPerson} need a person`);
  if (endedOtherwise > 0) parts.push(`${endedOtherwise} ended otherwise`);
  return `${batch.isCancelling ? 'Cancelling' : 'Batch'} ${batch.name}: ${parts.join(', ')}`;
}

/** Of those that run. */
function stagesOf(rows: readonly Row[]): Map<string, number> {
  const stages = new Map<string, number>();
  for (const { status, stage } of rows) {
    if (status !== 'RUNNING') continue;
    const name = stage ?? 'just begun';
    stages.set(name, (stages.get(name) ?? 0) + 1);
  }
  return stages;
}

function peopleLines(rows: readonly Row[]): string[] {
  if (rows.length === 0) return [];
  const own = rows.filter(({ escalation }) => !escalation?.ofAll);
  const ofAll = rows.filter(({ escalation }) => escalation?.ofAll);
  const reasons = [...new Set(ofAll.map(({ escalation }) => escalation?.reason))].join(', ');
  return [
    '',
    '**What you can do**',
    '',
    ...(ofAll.length > 0
      ? [
          `- ${ofAll.length} are held back by the organization (${reasons}): \`vend resolve --organization --retry\``,
        ]
      : []),
    ...bounded(own, 'vend list --escalated', (row) => {
      const { requestId, escalation } = row;
      const answer = escalation?.answer ? ` \`vend ${escalation.answer}\` or` : '';
      return `${requestId}: ${escalation?.reason},${answer} \`vend show ${requestId}\``;
    }),
  ];
}

function approvalLines(rows: readonly Row[]): string[] {
  return rows.length === 0
    ? []
    : [
        '',
        '**Waiting for an approval**',
        '',
        ...bounded(
          rows,
          'vend list --stage approving',
          ({ requestId }) => `\`vend approve ${requestId}\``,
        ),
      ];
}

function endLines(rows: readonly Row[]): string[] {
  if (rows.length === 0) return [];
  return [
    '',
    '**Ended otherwise** (apply the manifest with --restart to start them again)',
    '',
    ...bounded(rows, 'vend list --all', ({ requestId, status, failure }) =>
      status === 'NOT_STARTED'
        ? `${requestId}: NOT_STARTED`
        : `${requestId}: ${failure ?? status}, \`vend show ${requestId}\``,
    ),
  ];
}

function bounded(rows: readonly Row[], all: string, line: (row: Row) => string): string[] {
  const lines = rows.slice(0, MOST_LINES).map((row) => `- ${line(row)}`);
  const more = rows.length - MOST_LINES;
  return more > 0 ? [...lines, `- and ${more} more: \`${all}\``] : lines;
}
