import { type Client } from '@temporalio/client';
import { SearchAttribute, Stage, WorkflowType } from '../contract';
import { formatDuration } from '../domain/duration';
import { subcommand, type Cli, type CommonOptions } from './command';
import { invalid } from './errors';
import { statusName } from './find-vend';
import { colors, plain, print, printJson, type Io } from './io';
import { attributesOf } from './read-vend';
import { table } from './table';
import { withTemporalBriefly } from './temporal';

interface ListOptions extends CommonOptions {
  escalated?: boolean;
  all?: boolean;
  stage?: string;
  limit: string;
}

/** One line of the list. */
interface Row {
  requestId: string;
  workflowId: string;
  runId: string;
  status: string;
  stage: string | null;
  escalation?: string;
  accountId?: string;
  organizationalUnitId?: string;
  startedAt: string;
  closedAt?: string;
}

const MOST = 10_000;

export function listCommand(cli: Cli) {
  return subcommand(cli, 'list', {
    description: 'Lists the vends that are under way. The list lags about a second behind.',
    examples: ['list', 'list --escalated', 'list --all --limit 200', 'list --stage conforming'],
  })
    .option('--escalated', 'only those that need a person')
    .option('--stage <stage>', 'only those in this stage, also where they have ended')
    .option('--all', 'those that have ended, too')
    .option('--limit <number>', 'at most so many', '50')
    .action(async (options: ListOptions) => {
      const limit = readLimit(options.limit);
      const query = buildListQuery(options);
      const rows = await withTemporalBriefly(cli.io, ({ client }) =>
        readRows(client, query, limit),
      );
      if (options.json) printJson(cli.io, rows);
      else tell(cli.io, rows, limit);
    });
}

export function buildListQuery(options: Omit<ListOptions, 'limit'>): string {
  const conditions = [`WorkflowType = '${WorkflowType.vendAccount}'`];
  if (options.stage !== undefined) {
    const stages: readonly string[] = Object.values(Stage);
    if (!stages.includes(options.stage)) {
      throw invalid(`--stage must be one of: ${stages.join(', ')}.`);
    }
    conditions.push(`${SearchAttribute.stage.name} = '${options.stage}'`);
  }
  if (options.escalated) conditions.push(`${SearchAttribute.escalation.name} IS NOT NULL`);
  const onlyRunning = options.escalated || (options.stage === undefined && !options.all);
  if (onlyRunning) conditions.push(`ExecutionStatus = 'Running'`);
  return conditions.join(' AND ');
}

function readLimit(given: string): number {
  const limit = /^\d{1,5}$/.test(given) ? Number(given) : 0;
  if (limit < 1 || limit > MOST) throw invalid(`--limit must be a whole number from 1 to ${MOST}.`);
  return limit;
}

async function readRows(client: Client, query: string, limit: number): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const info of client.workflow.list({ query, pageSize: Math.min(limit, 200) })) {
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
  return rows;
}

function tell(io: Io, rows: readonly Row[], limit: number): void {
  if (rows.length === 0) {
    print(io.stdout, 'No such vend. "vend list --all" shows those that have ended, too.');
    return;
  }
  const paint = colors(io);
  const cells = rows.map((row) => [
    row.requestId,
    row.stage ?? '-',
    plain(row.escalation ?? '-'),
    row.accountId ?? '-',
    row.organizationalUnitId ?? '-',
    `${formatDuration(Date.now() - Date.parse(row.startedAt))} ago`,
    row.status,
  ]);
  const titles = ['REQUEST', 'STAGE', 'ESCALATION', 'ACCOUNT', 'UNIT', 'STARTED', 'STATUS'];
  const [head = '', ...lines] = table([titles, ...cells]);
  print(io.stdout, paint.dim(head), ...lines);
  if (rows.length === limit) print(io.stderr, `Only the first ${limit} are shown; see --limit.`);
}
