import { type Client } from '@temporalio/client';
import { SearchAttribute } from '../../contract';
import { commaSeparated, subcommand, type Cli, type CommonOptions } from '../command';
import { invalid } from '../errors';
import { statusName } from '../vends/find-vend';
import { colors, print, printJson, type Io } from '../io';
import {
  COLUMNS,
  listLines,
  readColumns,
  type ColumnName,
  type Row,
} from '../drawing/list-columns';
import { buildListQuery, type ListFilter } from '../vends/list-query';
import { attributesOf } from '../vends/read-vend';
import { readingPast } from '../vends/reading-past';
import { withTemporalBriefly } from '../temporal';

interface ListOptions extends CommonOptions, ListFilter {
  columns?: string[];
  limit: string;
}

interface Listed {
  rows: Row[];
  /** As many as fit the filter, where not all of them were read. */
  inAll: number;
  /** Why the memo of some could not be read, each once. */
  unreadable: Set<string>;
}

const MOST = 10_000;

export function listCommand(cli: Cli) {
  return subcommand(cli, 'list', {
    description:
      'Lists the vends that are under way, the newest first. The list lags about a second behind.',
    examples: [
      'list',
      'list --escalated',
      'list --reason EMAIL_ALREADY_EXISTS --older-than 2h',
      'list --account 123456789012',
      'list --stage conforming --columns request,account',
      'list --all --limit 200',
    ],
  })
    .option('--escalated', 'only those that need a person')
    .option('--reason <reason>', 'only those that need a person for this reason')
    .option('--stage <stage>', 'only those in this stage, also where they have ended')
    .option('--account <id>', 'only the one of this account, also where it has ended')
    .option('--organizational-unit <id>', 'only those for this unit')
    .option('--older-than <duration>', 'only those that were started longer ago: 30m, 2h, 7d')
    .option('--all', 'those that have ended, too')
    .option('--columns <columns>', `these, in this order, of ${COLUMNS.join(',')}`, commaSeparated)
    .option('--limit <number>', 'at most so many', '50')
    .action(async (options: ListOptions) => {
      const limit = readLimit(options.limit);
      const columns = options.columns && readColumns(options.columns);
      const query = buildListQuery(options);
      const listed = await withTemporalBriefly(cli.io, ({ client }) => read(client, query, limit));
      if (options.json) printJson(cli.io, listed.rows);
      else tell(cli.io, listed, columns, options.escalated ?? false);
      print(
        cli.io.stderr,
        ...[...listed.unreadable].map((why) => `Some cannot be read here: ${why}.`),
      );
    });
}

function readLimit(given: string): number {
  const limit = /^\d{1,5}$/.test(given) ? Number(given) : 0;
  if (limit < 1 || limit > MOST) throw invalid(`--limit must be a whole number from 1 to ${MOST}.`);
  return limit;
}

async function read(client: Client, query: string, limit: number): Promise<Listed> {
  const rows: Row[] = [];
  const unreadable = new Set<string>();
  const { workflow } = readingPast(client, (why) => unreadable.add(why));
  for await (const info of workflow.list({ query, pageSize: Math.min(limit, 200) })) {
    const known = attributesOf(info.typedSearchAttributes);
    const escalation = known[SearchAttribute.escalation.name];
    const accountId = known[SearchAttribute.accountId.name];
    const unit = known[SearchAttribute.organizationalUnit.name];
    rows.push({
      requestId: known[SearchAttribute.requestId.name] ?? info.workflowId,
      workflowId: info.workflowId,
      runId: info.runId,
      status: statusName(info.status.name),
      stage: known[SearchAttribute.stage.name] ?? null,
      ...(escalation ? { escalation } : {}),
      ...(accountId ? { accountId } : {}),
      ...(unit ? { organizationalUnitId: unit } : {}),
      startedAt: info.startTime.toISOString(),
      ...(info.closeTime ? { closedAt: info.closeTime.toISOString() } : {}),
    });
    if (rows.length === limit) break;
  }
  const inAll = rows.length < limit ? rows.length : (await client.workflow.count(query)).count;
  return { rows: rows.sort(newestFirst), inAll, unreadable };
}

function newestFirst(a: Row, b: Row): number {
  return (
    b.startedAt.localeCompare(a.startedAt) ||
    a.requestId.localeCompare(b.requestId) ||
    a.runId.localeCompare(b.runId)
  );
}

function tell(
  io: Io,
  { rows, inAll }: Listed,
  columns: ColumnName[] | undefined,
  onlyEscalated: boolean,
): void {
  if (rows.length === 0) {
    const none = onlyEscalated
      ? 'No vend needs a person. "vend list --stage approving" shows those that wait for an approval.'
      : 'No such vend. "vend list --all" shows those that have ended, too.';
    print(io.stderr, none);
    return;
  }
  const paint = colors(io);
  const width = io.stdout.isTTY ? io.stdout.columns : undefined;
  const [head = '', ...lines] = listLines(rows, columns, width);
  print(io.stdout, paint.dim(head), ...lines);
  // Beside what is piped on.
  print(io.stderr, colors(io, io.stderr).dim(countLine(rows, inAll)));
}

function countLine(rows: readonly Row[], inAll: number): string {
  const many = (count: number) => `${count} ${count === 1 ? 'vend' : 'vends'}`;
  const escalated = rows.filter((row) => row.escalation && row.status === 'RUNNING').length;
  const need =
    escalated > 0 ? `, ${escalated} of them ${escalated === 1 ? 'needs' : 'need'} a person` : '';
  if (inAll <= rows.length) return `${many(rows.length)}${need}.`;
  return `The newest ${rows.length} of ${many(inAll)}; --limit ${Math.min(inAll, MOST)} shows more.`;
}
