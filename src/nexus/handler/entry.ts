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
  return hasEar(request) ? [{ field: 'notifyWorkflow', message: FOREIGN_EAR }] : [];
}

export const FOREIGN_EAR =
  'names a workflow in the namespace of the vends, which a caller by Nexus may not have signalled: leave it out, and ask by the operation state';

/** A caller would have us signal workflows of our namespace, which it may not do itself. */
export function hasEar(fields: Record<string, unknown>): boolean {
  return fields['notifyWorkflow'] !== undefined;
}
