import { newAccountId } from '../ids';
import { CLOSED_ACCOUNT_STAYS_MS } from '../limits';
import {
  changeAccount,
  count,
  type AccountState,
  type CreateRequestState,
  type World,
} from '../world';
import { emailConflict, isAcceptableEmail } from './emails';

/** Issues of the management account that refuse the call; the others end the creation FAILED. */
const CALL_ISSUE = /^(?:MASTER_ACCOUNT_|UNMET_BILLING_PREREQUISITE$)/;

export function issueRefusingCalls(world: World): string | undefined {
  const issue = world.data.knobs.managementIssue;
  return issue !== null && CALL_ISSUE.test(issue) ? issue : undefined;
}

/** Lets everything happen that is due by now, in the order in which it became due. */
export function settle(world: World): void {
  const now = world.now();
  const due = world.data.requests
    .filter((request) => request.state === 'IN_PROGRESS' && (request.dueAt ?? Infinity) <= now)
    .sort((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0) || a.sequence - b.sequence);
  for (const request of due) endCreation(world, request, request.dueAt ?? now);
  for (const account of world.data.accounts) ageAccount(world, account, now);
}

export function endCreation(world: World, request: CreateRequestState, at: number): void {
  request.completedAt = at;
  const reason = failureReason(world, request);
  world.touch();
  if (reason !== undefined) {
    request.state = 'FAILED';
    if (reason !== '') request.failureReason = reason;
    return;
  }
  request.state = 'SUCCEEDED';
  const account = newAccount(world, request, at);
  request.accountId = account.id;
  if (account.govCloudAccountId) request.govCloudAccountId = account.govCloudAccountId;
  world.data.accounts.push(account);
}

/** undefined: it succeeds; '': it fails and AWS says no reason. */
export function failureReason(world: World, request: CreateRequestState): string | undefined {
  const { knobs } = world.data;
  if (request.scriptedFailure !== undefined) return request.scriptedFailure;
  if (knobs.managementIssue !== null && !issueRefusingCalls(world)) return knobs.managementIssue;
  if (!isAcceptableEmail(request.email)) return 'INVALID_EMAIL';
  const conflict = emailConflict(world, request);
  if (conflict) return conflict;
  return quotaReached(world) ? 'ACCOUNT_LIMIT_EXCEEDED' : undefined;
}

/** Closed accounts count for the 90 days that they stay. */
export function members(world: World): AccountState[] {
  const now = world.now();
  return world.data.accounts.filter(
    (account) => (account.closedAt ?? Infinity) + CLOSED_ACCOUNT_STAYS_MS > now,
  );
}

export function quotaReached(world: World): boolean {
  return members(world).length >= world.data.knobs.accountQuota;
}

function newAccount(world: World, request: CreateRequestState, at: number): AccountState {
  const { knobs, organization } = world.data;
  const after = (
    knob: 'describeVisibleMs' | 'listVisibleMs' | 'usableMs' | 'serviceUsableMs' | 'activationMs',
  ) => at + world.random.duration(knobs[knob], knob, request.sequence);
  const activeAt = after('activationMs');
  const account: AccountState = {
    sequence: count(world, 'sequence'),
    id: newAccountId(world),
    email: request.email,
    name: request.accountName,
    parentId: organization.rootId,
    tags: { ...request.tags },
    state: activeAt > at ? 'PENDING_ACTIVATION' : 'ACTIVE',
    joinedMethod: 'CREATED',
    joinedAt: at,
    describeVisibleAt: after('describeVisibleMs'),
    listVisibleAt: after('listVisibleMs'),
    usableAt: after('usableMs'),
    servicesUsableAt: after('serviceUsableMs'),
    activeAt,
    roleName: request.roleName,
    requestId: request.id,
  };
  if (request.kind === 'govcloud') account.govCloudAccountId = newAccountId(world);
  if (request.flaps) account.flapLooks = 0;
  return account;
}

function ageAccount(world: World, account: AccountState, now: number): void {
  if (account.state === 'PENDING_ACTIVATION' && account.activeAt <= now) {
    changeAccount(world, account, { state: 'ACTIVE' });
  }
  if (account.state === 'PENDING_CLOSURE' && (account.closedAt ?? Infinity) <= now) {
    changeAccount(world, account, { state: 'CLOSED' });
  }
}
