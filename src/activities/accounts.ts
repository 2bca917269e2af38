import { DescribeAccountCommand } from '@aws-sdk/client-organizations';
import type { Account } from '@aws-sdk/client-organizations';
import type { AwsClients } from '../aws/clients';
import { AwsCallError, call } from './aws-calls';

/** Undefined where the organization has no such member. Read-only. */
export async function accountById(
  aws: AwsClients,
  accountId: string,
): Promise<Account | undefined> {
  try {
    const answer = await call('DescribeAccount', () =>
      aws.organizations.send(new DescribeAccountCommand({ AccountId: accountId })),
    );
    return answer.Account;
  } catch (error) {
    if (error instanceof AwsCallError && error.detail.name === 'AccountNotFoundException') {
      return undefined;
    }
    throw error;
  }
}

/** `State` replaces `Status`, which AWS takes away: neither is required. */
export function stateOf(account: Account): string {
  return account.State ?? account.Status ?? 'ACTIVE';
}

export function isActive(account: Account): boolean {
  return stateOf(account) === 'ACTIVE';
}
