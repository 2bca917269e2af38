import { SearchAttribute, Stage, WorkflowType } from '../../contract';
import type { FieldProblem } from '../../contract';
import { parseDuration } from '../../domain/duration';
import { invalid } from '../errors';

/** Which vends `list` shows; all that is given must hold. */
export interface ListFilter {
  escalated?: boolean;
  all?: boolean;
  stage?: string;
  reason?: string;
  account?: string;
  organizationalUnit?: string;
  olderThan?: string;
}

const STAGES: readonly string[] = Object.values(Stage);
/** AWS's words, and ours: nothing that could end the quotes of a query. */
const REASON = /^[\w.:/-]{1,128}$/;
/** What no date holds is no fault of Temporal. */
const OLDEST_MS = 100 * 365 * 24 * 3_600_000;
const UNIT = /^(?:ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}|r-[0-9a-z]{4,32})$/;

/** Temporal's own query; every flag that cannot be used is named. */
export function buildListQuery(filter: ListFilter): string {
  const { escalated, all, stage, reason, account, organizationalUnit, olderThan } = filter;
  const olderMs = olderThan === undefined ? undefined : parseDuration(olderThan);
  const problems = faults(filter, olderMs);
  if (problems.length > 0) throw invalid('The list cannot be read so:', problems);
  const conditions = [`WorkflowType = '${WorkflowType.vendAccount}'`];
  const is = (name: string, value: string) => conditions.push(`${name} = '${value}'`);
  if (stage !== undefined) is(SearchAttribute.stage.name, stage);
  if (reason !== undefined) is(SearchAttribute.escalation.name, reason);
  else if (escalated) conditions.push(`${SearchAttribute.escalation.name} IS NOT NULL`);
  if (account !== undefined) is(SearchAttribute.accountId.name, account);
  if (organizationalUnit !== undefined) {
    is(SearchAttribute.organizationalUnit.name, organizationalUnit);
  }
  if (olderMs !== undefined) {
    conditions.push(`StartTime < '${new Date(Date.now() - olderMs).toISOString()}'`);
  }
  // One who asks for a stage or an account means it also where its vend has ended.
  const asksForEnded = all || stage !== undefined || account !== undefined;
  if (escalated || reason !== undefined || !asksForEnded) is('ExecutionStatus', 'Running');
  return conditions.join(' AND ');
}

function faults(filter: ListFilter, olderMs: number | undefined): FieldProblem[] {
  const { stage, reason, account, organizationalUnit, olderThan } = filter;
  const checks: [string, boolean, string][] = [
    [
      '--stage',
      stage !== undefined && !STAGES.includes(stage),
      `must be one of: ${STAGES.join(', ')}`,
    ],
    [
      '--reason',
      reason !== undefined && !REASON.test(reason),
      "must be one word as the list shows it, such as EMAIL_ALREADY_EXISTS, in AWS's own spelling",
    ],
    [
      '--account',
      account !== undefined && !/^\d{12}$/.test(account),
      'must be an account ID of twelve digits',
    ],
    [
      '--organizational-unit',
      organizationalUnit !== undefined && !UNIT.test(organizationalUnit),
      'must be the ID of a unit or root, such as ou-ab12-cd34ef56; the list knows no names',
    ],
    [
      '--older-than',
      olderThan !== undefined && (olderMs === undefined || olderMs > OLDEST_MS),
      'must be a duration such as 30m, 2h or 7d, of a hundred years at most',
    ],
  ];
  return checks.filter(([, isWrong]) => isWrong).map(([field, , message]) => ({ field, message }));
}
