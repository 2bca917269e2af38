import type { CreateAccountStatus } from '@aws-sdk/client-organizations';
import type { z } from 'zod';
import { readBehaviours, requestTagOf, useBehaviour } from '../faults/behaviours';
import { newCreateAccountRequestId } from '../ids';
import { TAGS_PER_RESOURCE } from '../limits';
import type { Call, Wire } from '../wire/call';
import { AwsError, constraintViolation } from '../wire/errors';
import { operation, organizationsInputFault, readInput, type Operation } from '../wire/operation';
import { count, type CreateRequestState, type Tags, type World } from '../world';
import { firstStatus } from './create-account-status';
import { failureReason, issueRefusingCalls, quotaReached } from './settle';
import * as schemas from './schemas';

type Kind = CreateRequestState['kind'];
type Input = z.infer<typeof schemas.createAccount>;

export const createAccount = creation('standard', schemas.createAccount);
export const createGovCloudAccount = creation('govcloud', schemas.createGovCloudAccount);

/** The checks stand in AWS's order; nothing has happened before the last of them passed. */
function creation(kind: Kind, schema: z.ZodType<Input>): Operation {
  return operation(schema, (world, input, call) => {
    const tags = readTags(call);
    refuseForManagementAccount(world, kind);
    refuseAboveInProgress(world);
    refuseAtTheCall(world);
    refuseAtRandom(world);
    return { CreateAccountStatus: commit(world, newRequest(world, kind, input, tags), call) };
  });
}

/** Account and tags are one: a single bad tag and nothing is created ("CreateAccount", Tags). */
function readTags(call: Call): Tags {
  const { Tags: list } = readInput(schemas.createAccountTags, call.input, organizationsInputFault);
  if (list.length > TAGS_PER_RESOURCE) {
    throw constraintViolation(
      'MAX_TAG_LIMIT_EXCEEDED',
      `You can have at most ${TAGS_PER_RESOURCE} tags on a resource.`,
    );
  }
  return Object.fromEntries(list.map(({ Key, Value }) => [Key, Value]));
}

function refuseForManagementAccount(world: World, kind: Kind): void {
  const issue = issueRefusingCalls(world);
  if (issue)
    throw constraintViolation(issue, `The management account does not allow it: ${issue}.`);
  if (kind === 'govcloud' && !world.data.knobs.govCloudEnabled) {
    throw constraintViolation(
      'MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED',
      'The management account has no associated account in AWS GovCloud (US).',
    );
  }
}

function refuseAboveInProgress(world: World): void {
  const open = world.data.requests.filter(({ state }) => state === 'IN_PROGRESS');
  if (open.length >= world.data.knobs.creationsInProgress) {
    throw constraintViolation(
      'ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED',
      'You have exceeded the number of accounts that can be created at one time.',
    );
  }
}

function refuseAtTheCall(world: World): void {
  if (world.data.knobs.judgeAt === 'call' && quotaReached(world)) {
    throw constraintViolation(
      'ACCOUNT_NUMBER_LIMIT_EXCEEDED',
      'You have exceeded the allowed number of AWS accounts.',
    );
  }
}

function refuseAtRandom(world: World): void {
  const rate = world.data.knobs.concurrentModificationRate;
  if (world.random.chance(rate, 'concurrent', count(world, 'concurrent'))) {
    throw concurrentModification();
  }
}

function concurrentModification(): AwsError {
  return new AwsError(
    'ConcurrentModificationException',
    'AWS Organizations could not complete your request because it conflicts with another ' +
      'modification of the same entity. Try again later.',
  );
}

function newRequest(world: World, kind: Kind, input: Input, tags: Tags): CreateRequestState {
  const { knobs } = world.data;
  const now = world.now();
  const sequence = count(world, 'sequence');
  const { slowMs, flaps } = readBehaviours(input.Email, tags);
  const usual = kind === 'govcloud' ? knobs.govCloudCreationMs : knobs.creationMs;
  return {
    sequence,
    id: newCreateAccountRequestId(world),
    kind,
    email: input.Email,
    accountName: input.AccountName,
    roleName: input.RoleName,
    tags,
    state: 'IN_PROGRESS',
    requestedAt: now,
    visibleAt: now + world.random.duration(knobs.statusVisibleMs, 'statusVisibleMs', sequence),
    ...(knobs.creationLooks === null
      ? { dueAt: now + (slowMs ?? world.random.duration(usual, 'creationMs', sequence)) }
      : { looksLeft: knobs.creationLooks }),
    govCloudIdLooksLeft: kind === 'govcloud' ? knobs.govCloudIdLagLooks : 0,
    flaps,
    flapLooks: 0,
  };
}

function commit(world: World, request: CreateRequestState, call: Call): Wire<CreateAccountStatus> {
  const { fail } = readBehaviours(request.email, request.tags);
  if (fail && useBehaviour(world, 'fail', request.email, fail.times)) {
    request.scriptedFailure = fail.reason;
  }
  world.data.requests.push(request);
  world.touch();
  if (world.data.knobs.judgeAt === 'call') judgeNow(world, request);
  call.entry.committed = true;
  call.entry.requestTag = requestTagOf(request.tags);
  call.entry.createAccountRequestId = request.id;
  return firstStatus(world, request);
}

/** What can be known to fail is answered at once; success still takes its time. */
function judgeNow(world: World, request: CreateRequestState): void {
  const reason = failureReason(world, request);
  if (reason === undefined || request.scriptedFailure !== undefined) return;
  request.state = 'FAILED';
  request.completedAt = world.now();
  request.failureReason = reason;
}
