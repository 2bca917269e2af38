import type { z } from 'zod';
import { visibleAccount } from '../organizations/accounts';
import type { Call } from '../wire/call';
import { AwsError } from '../wire/errors';
import { operation, type Operation } from '../wire/operation';
import type { AccountState, World } from '../world';

/** Binds an operation to the schema of its input, and to the account that it is about. */
export function accountOperation<Input extends { AccountId?: string | undefined }>(
  schema: z.ZodType<Input>,
  serve: (world: World, account: AccountState, input: Input, call: Call) => object,
): Operation {
  return operation(
    schema,
    (world, input, call) => serve(world, target(world, input.AccountId, call), input, call),
    inputFault,
  );
}

/** Whose account: one's own where none is named; a member's where the management account asks. */
function target(world: World, named: string | undefined, call: Call): AccountState {
  const { featureSet, managementAccountId } = world.data.organization;
  if (named !== undefined) {
    if (call.callerAccountId !== managementAccountId) throw denied(call, 'You are not authorized');
    if (featureSet !== 'ALL')
      throw denied(call, 'Your organization must have all features enabled');
    if (!world.data.knobs.accountTrustedAccess) throw denied(call, NO_TRUSTED_ACCESS);
    if (named === managementAccountId) throw denied(call, OWN_ACCOUNT);
  }
  const account = visibleAccount(world, named ?? call.callerAccountId);
  if (account?.state !== 'ACTIVE') throw denied(call, NO_MEMBER);
  return account;
}

const NO_TRUSTED_ACCESS =
  'Your organization must first enable trusted access with AWS Account Management.';
const OWN_ACCOUNT =
  'The management account can only be managed using the standalone context from the management account.';
const NO_MEMBER = 'The account is not an active member of your organization.';

function denied({ operation: name, callerAccountId }: Call, why: string): AwsError {
  return new AwsError(
    'AccessDeniedException',
    `User: arn:aws:iam::${callerAccountId}:user/simulator is not authorized to perform: ` +
      `account:${name} (${why})`,
  );
}

function inputFault(issue: z.core.$ZodIssue): AwsError {
  const field = issue.path.map(String).join('.') || 'input';
  return invalid(
    `1 validation error detected: Value at '${field}' failed to satisfy constraint: ${issue.message}`,
    'fieldValidationFailed',
  );
}

export function invalid(message: string, reason: string): AwsError {
  return new AwsError('ValidationException', message, { reason });
}
