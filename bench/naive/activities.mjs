import {
  CreateAccountCommand,
  DescribeCreateAccountStatusCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';

/** The SDK as it comes: three attempts a call, of CreateAccount as well. */
export function naiveActivities() {
  const client = new OrganizationsClient({});
  return {
    async createAccount({ email, accountName }) {
      const command = new CreateAccountCommand({ Email: email, AccountName: accountName });
      const { CreateAccountStatus } = await client.send(command);
      return CreateAccountStatus.Id;
    },
    async describeCreateAccountStatus(id) {
      const command = new DescribeCreateAccountStatusCommand({ CreateAccountRequestId: id });
      const { CreateAccountStatus } = await client.send(command);
      return {
        state: CreateAccountStatus.State,
        accountId: CreateAccountStatus.AccountId,
        failureReason: CreateAccountStatus.FailureReason,
      };
    },
  };
}
