import type { Account } from '@aws-sdk/client-organizations';
import { epochSeconds, type Wire } from '../wire/call';
import { AwsError } from '../wire/errors';
import { operation } from '../wire/operation';
import { changeAccount, parentExists, type AccountState, type World } from '../world';
import { accountArn, pathOf } from './hierarchy';
import { listPage } from './list-page';
import * as schemas from './schemas';
import { members } from './settle';
import { isStaleRead, readAccount } from './stale-reads';

export const describeAccount = operation(schemas.accountInput, (world, { AccountId }) => ({
  Account: accountView(world, knownAccount(world, AccountId), isStaleRead(world)),
}));

export const listAccounts = operation(schemas.listInput, (world, input) => {
  const stale = isStaleRead(world);
  return listPage(world, listed(world), { ...input, list: 'ListAccounts' }, 'Accounts', (account) =>
    accountView(world, account, stale),
  );
});

export const listAccountsForParent = operation(schemas.parentInput, (world, input) => {
  if (!parentExists(world, input.ParentId)) throw parentNotFound();
  const stale = isStaleRead(world);
  const inside = listed(world).filter(
    (account) => readAccount(world, account, stale).parentId === input.ParentId,
  );
  const list = `ListAccountsForParent?${input.ParentId}`;
  return listPage(world, inside, { ...input, list }, 'Accounts', (account) =>
    accountView(world, account, stale),
  );
});

/** The order of these checks is our reading of the error list; AWS documents none. */
export const moveAccount = operation(schemas.moveInput, (world, input, call) => {
  const account = knownAccount(world, input.AccountId);
  if (!parentExists(world, input.SourceParentId)) {
    throw new AwsError(
      'SourceParentNotFoundException',
      "We can't find a source root or OU with the ParentId that you specified.",
    );
  }
  if (!parentExists(world, input.DestinationParentId)) {
    throw new AwsError(
      'DestinationParentNotFoundException',
      "We can't find the destination container (a root or OU) with the ParentId that you specified.",
    );
  }
  if (account.parentId === input.DestinationParentId) {
    throw new AwsError('DuplicateAccountException', 'That account is already present there.');
  }
  if (account.parentId !== input.SourceParentId) {
    throw new AwsError(
      world.data.knobs.wrongSourceError,
      "We can't find that account in the source container that you specified.",
    );
  }
  changeAccount(world, account, { parentId: input.DestinationParentId });
  call.entry.committed = true;
  return {};
});

/** The account, where the organization's readers know of it already. */
export function knownAccount(world: World, id: string): AccountState {
  const account = visibleAccount(world, id);
  if (!account) {
    throw new AwsError(
      'AccountNotFoundException',
      'You specified an account that does not exist or is not part of your organization.',
    );
  }
  return account;
}

export function visibleAccount(world: World, id: string): AccountState | undefined {
  const account = members(world).find((member) => member.id === id);
  return account && account.describeVisibleAt <= world.now() ? account : undefined;
}

export function listed(world: World): AccountState[] {
  return members(world).filter(({ listVisibleAt }) => listVisibleAt <= world.now());
}

export function parentNotFound(): AwsError {
  return new AwsError(
    'ParentNotFoundException',
    "We can't find a root or OU with the ParentId that you specified.",
  );
}

/** `State` came in 2025; the older `Status` was to go on 9 September 2026. It is a knob. */
function accountView(world: World, account: AccountState, stale: boolean): Wire<Account> {
  const { state, parentId } = readAccount(world, account, stale);
  const { accountStateFields } = world.data.knobs;
  const view = {
    Id: account.id,
    Arn: accountArn(world, account.id),
    Email: account.email,
    Name: account.name,
    Paths: [`${pathOf(world, parentId)}${account.id}/`],
    JoinedMethod: account.joinedMethod,
    JoinedTimestamp: epochSeconds(account.joinedAt),
  };
  if (accountStateFields !== 'status') Object.assign(view, { State: state });
  if (accountStateFields !== 'state') Object.assign(view, { Status: olderStatus(state) });
  return view;
}

/** "Account states": SUSPENDED once meant closed too. */
function olderStatus(state: string): string {
  if (state === 'CLOSED') return 'SUSPENDED';
  return state === 'PENDING_ACTIVATION' ? 'ACTIVE' : state;
}
