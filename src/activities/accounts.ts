import { DescribeAccountCommand, ListAccountsCommand } from '@aws-sdk/client-organizations';
import type { Account } from '@aws-sdk/client-organizations';
import type { AwsClients } from '../aws/clients';
import { AskedTogether } from './asked-together';
import { AwsCallError, call, listAll } from './aws-calls';

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

/**
 * Every account of the organization, asked for by all who look at the same time together: in an organization of
 * thousands the list takes most of what AWS allows of ListAccounts, for minutes. Read-only.
 * @see https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html
 */
export class AccountList {
  readonly #aws: AwsClients;
  readonly #asked = new AskedTogether<Account[]>();

  constructor(aws: AwsClients) {
    this.#aws = aws;
  }

  /** @throws {AwsCallError} */
  read(): Promise<Account[]> {
    return this.#asked.ask(() =>
      listAll(async (token) => {
        const page = await call('ListAccounts', () =>
          this.#aws.organizations.send(new ListAccountsCommand({ NextToken: token })),
        );
        return { items: page.Accounts, token: page.NextToken };
      }),
    );
  }
}
