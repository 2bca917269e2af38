import { isRequestId } from '../../contract';
import type { FieldProblem } from '../../contract';
import { parseRequest } from '../../config';
import { isObject } from '../../domain/shape';

/**
 * What has to be known before anything is started: which vend is meant. All else the vend checks
 * itself.
 */
export function entryProblems(given: unknown): FieldProblem[] {
  const request = isObject(given) ? given : {};
  if (!isRequestId(request['requestId'])) {
    const parsed = parseRequest(given);
    return parsed.ok ? [{ field: 'requestId', message: 'is required' }] : parsed.problems;
  }
  const problems: FieldProblem[] = [];
  if (hasEar(request)) problems.push({ field: 'notifyWorkflow', message: FOREIGN_EAR });
  if (request['existingAccountId'] !== undefined) {
    problems.push({ field: 'existingAccountId', message: FOREIGN_ACCOUNT });
  }
  return problems;
}

export const FOREIGN_EAR =
  'names a workflow in the namespace of the vends, which a caller by Nexus may not have signalled: leave it out, and ask by the operation state';

/** Any account of the organization could be named, and moved, tagged and given other contacts. */
export const FOREIGN_ACCOUNT =
  'names an account that is there: a caller by Nexus may have new ones alone; "vend start" or a workflow of the vends\' own namespace brings one in';

/** A caller would have us signal workflows of our namespace, which it may not do itself. */
export function hasEar(fields: Record<string, unknown>): boolean {
  return fields['notifyWorkflow'] !== undefined;
}
