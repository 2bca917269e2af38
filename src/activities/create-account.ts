import {
  CreateAccountCommand,
  CreateGovCloudAccountCommand,
  DescribeCreateAccountStatusCommand,
  ListCreateAccountStatusCommand,
} from '@aws-sdk/client-organizations';
import type { CreateAccountStatus } from '@aws-sdk/client-organizations';
import { activityInfo, log } from '@temporalio/activity';
import type { AwsClients } from '../aws/clients';
import { clean } from '../aws/errors';
import { sendInTime } from '../aws/in-time';
import { LONGEST_REASON, MAY_NOT_BE_THE_FIRST } from '../domain/aws-error';
import type { AdmittedRequest } from '../domain/policy';
import { AwsCallError, call, listAll, outcomeOf } from './aws-calls';
import type { ActivityDeps } from './deps';
import type { OrganizationLookup } from './organization';
import type { CreationStatus, Outcome, SubmitOutcome } from './outcomes';
import { wasReset } from './was-reset';

export interface SubmitInput {
  organizationId: string;
  request: AdmittedRequest;
  /** The run that was granted the place, as the gate has it. */
  grantedRunId: string;
  /** The run that began to prove, when it was proven last, that earlier calls of this request have made nothing. */
  provenRunId?: string;
  /** The activity's time-out from being scheduled to being taken by a worker. */
  takenWithinMs: number;
  /** This long after it was taken the activity must not send any more. */
  sendWithinMs: number;
}

/**
 * CreateAccount, or CreateGovCloudAccount: once, and never by itself again. AWS takes no
 * idempotency token, so what came of it is told apart here and judged by the workflow.
 * @see https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html
 * @see https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateGovCloudAccount.html
 */
export async function createAccount(
  deps: ActivityDeps,
  lookup: OrganizationLookup,
  input: SubmitInput,
): Promise<SubmitOutcome> {
  const untilMs = sendUntilMs(input, Date.now());
  const outcome = await outcomeOf(async () => {
    if (await mayNotBeTheFirst(input)) throw withheld(input.request);
    await expectOrganization(lookup, input.organizationId);
    return submit(deps.aws, input.request, untilMs);
  });
  const { requestId } = input.request;
  if (outcome.ok) {
    log.info('AWS accepted the creation', { requestId, createAccountRequestId: outcome.value.id });
    return outcome;
  }
  log.warn('AWS did not accept the creation', { requestId, error: outcome.error });
  if (outcome.error.reason !== 'ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED') return outcome;
  const inProgress = await countInProgress(deps.aws);
  return { ...outcome, ...(inProgress === undefined ? {} : { inProgress }) };
}

/** Whatever becomes of this look, no creation was sent yet. */
async function expectOrganization(
  lookup: OrganizationLookup,
  organizationId: string,
): Promise<void> {
  try {
    await lookup.expect(organizationId);
  } catch (error) {
    if (!(error instanceof AwsCallError) || error.detail.outcome !== 'unknown') throw error;
    throw new AwsCallError({ ...error.detail, outcome: 'not-sent' });
  }
}

function operationOf(request: AdmittedRequest): string {
  return request.kind === 'govcloud' ? 'CreateGovCloudAccount' : 'CreateAccount';
}

/** It is not sent, because it may have been before. */
function withheld(request: AdmittedRequest): AwsCallError {
  return new AwsCallError({
    operation: operationOf(request),
    name: MAY_NOT_BE_THE_FIRST,
    message: 'an earlier attempt or run of this vend may have sent the request',
    outcome: 'unknown',
  });
}

/**
 * An earlier attempt of the activity may have sent it (the Web UI can have it run again), or an
 * earlier run of the vend: a reset keeps what was granted and forgets what was sent since.
 */
async function mayNotBeTheFirst(input: SubmitInput): Promise<boolean> {
  const { attempt } = activityInfo();
  if (attempt > 1) return true;
  const { grantedRunId, provenRunId } = input;
  const runId = activityInfo().workflowExecution?.runId;
  if (provenRunId === runId) return false;
  return (provenRunId === undefined && grantedRunId !== runId) || (await wasReset(provenRunId));
}

/**
 * A process that was paused must not send what the workflow already counts as lost. The pause may
 * have begun before the first line of the activity, so it is counted from the scheduling as well.
 */
function sendUntilMs({ takenWithinMs, sendWithinMs }: SubmitInput, startedAtMs: number): number {
  const { currentAttemptScheduledTimestampMs: scheduledAtMs } = activityInfo();
  return Math.min(startedAtMs, scheduledAtMs + takenWithinMs) + sendWithinMs;
}

async function submit(
  aws: AwsClients,
  request: AdmittedRequest,
  untilMs: number,
): Promise<CreationStatus> {
  const operation = operationOf(request);
  const input = {
    Email: request.email,
    AccountName: request.accountName,
    RoleName: request.roleName,
    IamUserAccessToBilling: request.iamUserAccessToBilling,
    Tags: Object.entries(request.tags).map(([Key, Value]) => ({ Key, Value })),
  };
  const secrets = [request.email, request.accountName];
  const { organizationsWrite } = aws.writersFor(request.requestId);
  const answer = await call(
    operation,
    () =>
      sendInTime(untilMs, (inTime) =>
        request.kind === 'govcloud'
          ? organizationsWrite.send(inTime(new CreateGovCloudAccountCommand(input)))
          : organizationsWrite.send(inTime(new CreateAccountCommand(input))),
      ),
    secrets,
  );
  const status = answer.CreateAccountStatus && toStatus(answer.CreateAccountStatus);
  if (status) return status;
  throw new AwsCallError({
    operation,
    name: 'AnswerWithoutRequestId',
    message: 'AWS answered without a create account request id',
    outcome: 'unknown',
  });
}

export function toStatus(status: CreateAccountStatus): CreationStatus | undefined {
  if (!status.Id) return undefined;
  const { AccountId, GovCloudAccountId, FailureReason } = status;
  return {
    id: status.Id,
    state: status.State ?? 'IN_PROGRESS',
    ...(AccountId ? { accountId: AccountId } : {}),
    ...(GovCloudAccountId ? { govCloudAccountId: GovCloudAccountId } : {}),
    ...(FailureReason ? { failureReason: clean(FailureReason).slice(0, LONGEST_REASON) } : {}),
    ...(status.RequestedTimestamp ? { requestedAt: status.RequestedTimestamp.toISOString() } : {}),
    ...(status.CompletedTimestamp ? { completedAt: status.CompletedTimestamp.toISOString() } : {}),
  };
}

/**
 * One look at a creation.
 * @see https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeCreateAccountStatus.html
 */
export function describeCreateAccountStatus(
  deps: ActivityDeps,
  lookup: OrganizationLookup,
  input: { organizationId: string; createAccountRequestId: string },
): Promise<Outcome<CreationStatus>> {
  return outcomeOf(async () => {
    await lookup.expect(input.organizationId);
    const answer = await call('DescribeCreateAccountStatus', () =>
      deps.aws.organizations.send(
        new DescribeCreateAccountStatusCommand({
          CreateAccountRequestId: input.createAccountRequestId,
        }),
      ),
    );
    const status = answer.CreateAccountStatus && toStatus(answer.CreateAccountStatus);
    if (status) return status;
    throw new AwsCallError({
      operation: 'DescribeCreateAccountStatus',
      name: 'AnswerWithoutStatus',
      message: 'AWS answered without a status',
      outcome: 'unknown',
    });
  });
}

export function listCreations(
  aws: AwsClients,
  states?: ('IN_PROGRESS' | 'SUCCEEDED' | 'FAILED')[],
) {
  return listAll(async (token) => {
    const page = await call('ListCreateAccountStatus', () =>
      aws.organizations.send(
        new ListCreateAccountStatusCommand({ States: states, NextToken: token }),
      ),
    );
    return { items: page.CreateAccountStatuses, token: page.NextToken };
  });
}

async function countInProgress(aws: AwsClients): Promise<number | undefined> {
  const creations = await outcomeOf(() => listCreations(aws, ['IN_PROGRESS']));
  return creations.ok ? creations.value.length : undefined;
}
