import { CLOSURES_IN_PROGRESS, CLOSURES_PER_30_DAYS, CLOSURE_WINDOW_MS } from '../limits';
import { AwsError, constraintViolation } from '../wire/errors';
import { operation } from '../wire/operation';
import { changeAccount, type AccountState, type World } from '../world';
import { knownAccount } from './accounts';
import * as schemas from './schemas';

export const closeAccount = operation(schemas.accountInput, (world, { AccountId }, call) => {
  const account = knownAccount(world, AccountId);
  refuseClosure(world, account);
  account.closingAt = world.now();
  account.closedAt =
    world.now() + world.random.duration(world.data.knobs.closureMs, 'closureMs', account.sequence);
  changeAccount(world, account, { state: 'PENDING_CLOSURE' });
  call.entry.committed = true;
  return {};
});

function refuseClosure(world: World, account: AccountState): void {
  const { organization, accounts } = world.data;
  if (account.id === organization.managementAccountId) {
    throw constraintViolation(
      'CANNOT_CLOSE_MANAGEMENT_ACCOUNT',
      'You attempted to close the management account.',
    );
  }
  if (organization.featureSet !== 'ALL') {
    throw constraintViolation(
      'ORGANIZATION_NOT_IN_ALL_FEATURES_MODE',
      'The organization must have all features enabled.',
    );
  }
  if (account.state === 'CLOSED') {
    throw new AwsError('AccountAlreadyClosedException', 'The account is already closed.');
  }
  if (account.state === 'PENDING_CLOSURE') {
    throw new AwsError('ConflictException', 'The account is being closed already.');
  }
  const closing = accounts.filter(({ state }) => state === 'PENDING_CLOSURE').length;
  if (closing >= CLOSURES_IN_PROGRESS) {
    throw constraintViolation(
      'CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED',
      'You attempted to exceed the number of accounts that can be closing at one time.',
    );
  }
  const since = world.now() - CLOSURE_WINDOW_MS;
  const closed = accounts.filter(({ closingAt }) => (closingAt ?? -Infinity) > since).length;
  if (closed >= closureQuota(accounts.length)) {
    throw constraintViolation(
      'CLOSE_ACCOUNT_QUOTA_EXCEEDED',
      'You have exceeded the number of member accounts that can be closed in 30 days.',
    );
  }
}

function closureQuota(accounts: number): number {
  const { least, most, shareOfMembers } = CLOSURES_PER_30_DAYS;
  return Math.min(most, Math.max(least, Math.floor(accounts * shareOfMembers)));
}
