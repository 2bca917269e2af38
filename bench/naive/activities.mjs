import {
  CreateAccountCommand,
  DescribeCreateAccountStatusCommand,
  ListParentsCommand,
  MoveAccountCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';

/** The SDK as it comes: three attempts a call, of CreateAccount as well. */
export function naiveActivities() {
  const client = new OrganizationsClient({});
  return {
    async createAccount({ email, accountName, tags = {} }) {
      const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      const command = new CreateAccountCommand({ Email: email, AccountName: accountName, Tags });
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
    async moveAccount(id, unit) {
      const { Parents } = await client.send(new ListParentsCommand({ ChildId: id }));
      const [{ Id: source }] = Parents;
      if (source === unit) return;
      await client.send(
        new MoveAccountCommand({
          AccountId: id,
          SourceParentId: source,
          DestinationParentId: unit,
        }),
      );
    },
  };
}
