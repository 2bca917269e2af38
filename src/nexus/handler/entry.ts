import { isRequestId } from '../../contract';
import type { FieldProblem } from '../../contract';
import { parseRequest } from '../../config';
import type { Caller } from './caller';

/**
 * What has to be known before anything is started: which vend is meant. All else the vend checks
 * itself.
 */
export function entryProblems(
  given: unknown,
  caller: Caller,
  ownNamespace: string,
): FieldProblem[] {
  const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
  const request: Record<string, unknown> = isObject ? { ...given } : {};
  if (!isRequestId(request['requestId'])) {
    const parsed = parseRequest(given);
    return parsed.ok ? [{ field: 'requestId', message: 'is required' }] : parsed.problems;
  }
  return hasForeignEar(request, caller, ownNamespace)
    ? [{ field: 'notifyWorkflow', message: FOREIGN_EAR }]
    : [];
}

export const FOREIGN_EAR =
  'names a workflow in the namespace of the vends, and you call from another one: leave it out, and ask by the operation state';

/** A caller of another namespace would have us signal workflows that are not its own. */
export function hasForeignEar(
  fields: Record<string, unknown>,
  caller: Caller,
  ownNamespace: string,
): boolean {
  return fields['notifyWorkflow'] !== undefined && caller.namespace !== ownNamespace;
}
