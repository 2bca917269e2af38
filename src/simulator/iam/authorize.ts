import type { Call } from '../wire/call';
import { AwsError } from '../wire/errors';
import type { World } from '../world';
import { allows, type Policy, type Wanted } from './policy';
import { SERVICE_LINKED_ROLE, wantedBy } from './wanted';

/** Who may do what. */
export interface Permissions {
  /** By ARN of a role or user: its policies. Whoever is not named may do everything. */
  identities: Record<string, Policy[]>;
  /** By ARN of a role: who may assume it. A role that is not named trusts everybody. */
  trust: Record<string, Policy>;
}

/** @throws {AwsError} where policies do not allow the call, in AWS's words */
export function authorize(
  world: World,
  permissions: Permissions | undefined,
  call: Call,
  caller: { principal: string; arn: string },
): void {
  if (!permissions) return;
  for (const wanted of wantedBy(world, call)) {
    const policies = permissions.identities[caller.principal];
    if (policies && !allows(policies, wanted)) {
      throw denied(call, wanted, caller.arn, 'no identity-based policy allows the action');
    }
    const trust = call.operation === 'AssumeRole' && permissions.trust[wanted.resource];
    if (trust && !allows([trust], { ...wanted, principal: caller.principal })) {
      throw denied(call, wanted, caller.arn, undefined);
    }
  }
}

function denied(
  { service }: Call,
  { action, resource }: Wanted,
  arn: string,
  because: string | undefined,
): AwsError {
  const message =
    `User: ${arn} is not authorized to perform: ${action} on resource: ${resource}` +
    (because ? ` because ${because.replace('action', `${action} action`)}` : '');
  if (action === SERVICE_LINKED_ROLE) {
    return new AwsError('AccessDeniedForDependencyException', message, {
      reason: 'ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE',
    });
  }
  return service === 'sts' || service === 'iam'
    ? new AwsError('AccessDenied', message, { status: 403 })
    : new AwsError('AccessDeniedException', message);
}
