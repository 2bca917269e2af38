import {
  DescribeOrganizationCommand,
  ListAWSServiceAccessForOrganizationCommand,
  ListAccountsCommand,
  ListCreateAccountStatusCommand,
  ListRootsCommand,
  type Account,
  type CreateAccountStatus,
} from '@aws-sdk/client-organizations';
import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { withoutAddresses } from '../../domain/redact';
import {
  AwsCallError,
  COMMON_SESSION,
  call,
  describeAwsError,
  listAll,
  listPages,
  type AwsClients,
} from '../aws';

/** Whose credentials these are. */
export interface Caller {
  accountId: string;
  /** `role/Vending` or `user/vending`: never the session's name, which can be a person's address. */
  principal: string;
  partition: string;
  /** How far this machine's clock is ahead of AWS's; absent where AWS did not say. */
  aheadMs: number | undefined;
}

/** A process, a browser or an instance's metadata may stand behind them. */
const CREDENTIALS_MS = 7_000;

/** What is wrong with the credentials is told apart from what AWS says to them. */
export async function readCredentials(aws: AwsClients): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(TOO_SLOW), CREDENTIALS_MS);
  });
  try {
    await Promise.race([aws.credentialKey(), limit]);
  } catch (error) {
    throw new AwsCallError(describeAwsError('GetCredentials', error));
  } finally {
    clearTimeout(timer);
  }
}

const TOO_SLOW = Object.assign(
  new Error(
    `What gives the credentials (a credential process, single sign-on, the metadata of an instance) did not answer in ${CREDENTIALS_MS / 1_000} s`,
  ),
  { name: 'CredentialsProviderError' },
);

export async function readCaller({ sts }: Pick<AwsClients, 'sts'>): Promise<Caller> {
  const command = new GetCallerIdentityCommand({});
  let aheadMs: number | undefined;
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      aheadMs = aheadOf(result.response);
      return result;
    },
    { step: 'deserialize', name: 'readDate' },
  );
  const { Account: accountId = '', Arn = '' } = await call('GetCallerIdentity', () =>
    sts.send(command),
  );
  const [, partition = 'aws', , , , resource = ''] = Arn.split(':');
  return { accountId, principal: principalOf(resource), partition, aheadMs };
}

/** @param resource such as `assumed-role/Vending/session` or `user/path/name` */
export function principalOf(resource: string): string {
  const [kind = '', ...names] = resource.split('/');
  // Of a role AWS does not tell the path here.
  const name = kind === 'assumed-role' ? names[0] : names.join('/');
  const shown = kind === 'assumed-role' ? 'role' : kind;
  return name ? `${shown}/${withoutAddresses(name)}` : shown;
}

/** The `Date` of an answer is whole seconds. */
function aheadOf(response: unknown): number | undefined {
  const { headers } = (response ?? {}) as { headers?: Record<string, string> };
  const date = Date.parse(headers?.['date'] ?? '');
  return Number.isNaN(date) ? undefined : Date.now() - (date + 500);
}

export interface OrganizationFacts {
  id: string;
  managementAccountId: string | undefined;
  featureSet: string | undefined;
}

export async function readOrganization(aws: AwsClients): Promise<OrganizationFacts> {
  const { Organization } = await call('DescribeOrganization', () =>
    aws.organizations.send(new DescribeOrganizationCommand({})),
  );
  const { Id: id = '', MasterAccountId, FeatureSet } = Organization ?? {};
  return { id, managementAccountId: MasterAccountId, featureSet: FeatureSet };
}

export async function readRoot(aws: AwsClients): Promise<string> {
  const roots = await listAll(async (token) => {
    const page = await call('ListRoots', () =>
      aws.organizations.send(new ListRootsCommand({ NextToken: token })),
    );
    return { items: page.Roots, token: page.NextToken };
  });
  return roots[0]?.Id ?? '';
}

/** AWS gives twenty a page and eight pages a second, and vends need some of these too. */
const MOST_PAGES = 40;

export async function readAccounts(
  aws: AwsClients,
  pages = MOST_PAGES,
): Promise<{ accounts: Account[]; isComplete: boolean }> {
  const { items, isComplete } = await listPages(async (token) => {
    const page = await call('ListAccounts', () =>
      aws.organizations.send(new ListAccountsCommand({ NextToken: token })),
    );
    return { items: page.Accounts, token: page.NextToken };
  }, pages);
  return { accounts: items, isComplete };
}

export function readCreations(aws: AwsClients): Promise<CreateAccountStatus[]> {
  return listAll(async (token) => {
    const page = await call('ListCreateAccountStatus', () =>
      aws.organizations.send(
        new ListCreateAccountStatusCommand({ States: ['IN_PROGRESS'], NextToken: token }),
      ),
    );
    return { items: page.CreateAccountStatuses, token: page.NextToken };
  });
}

export async function readTrustedServices(aws: AwsClients): Promise<string[]> {
  const services = await listAll(async (token) => {
    const page = await call('ListAWSServiceAccessForOrganization', () =>
      aws.organizations.send(new ListAWSServiceAccessForOrganizationCommand({ NextToken: token })),
    );
    return { items: page.EnabledServicePrincipals, token: page.NextToken };
  });
  return services.flatMap(({ ServicePrincipal }) => ServicePrincipal ?? []);
}

/** The shortest that AWS gives; the credentials are not used. */
const SESSION_SECONDS = 900;

/** @throws {AwsCallError} where the role cannot be assumed */
export async function tryRole(
  { sts }: Pick<AwsClients, 'sts'>,
  role: { roleArn: string; externalId?: string | undefined },
): Promise<void> {
  await call('AssumeRole', () =>
    sts.send(
      new AssumeRoleCommand({
        RoleArn: role.roleArn,
        RoleSessionName: COMMON_SESSION,
        DurationSeconds: SESSION_SECONDS,
        ...(role.externalId ? { ExternalId: role.externalId } : {}),
      }),
    ),
  );
}

/** What a person types to try the same: with another session name, or without the external ID, docs/iam refuses it. */
export function assumeRoleLine(role: { roleArn: string; externalId?: string | undefined }): string {
  const externalId = role.externalId ? ' --external-id EXTERNAL_ID' : '';
  return `aws sts assume-role --role-arn ${role.roleArn} --role-session-name ${COMMON_SESSION}${externalId}`;
}

/** IAM for the same credentials. Its endpoint is that of the Region's partition. */
export function iamOf({ organizations: { config } }: AwsClients): IAMClient {
  const { region, credentials, maxAttempts } = config;
  const requestHandler = {
    connectionTimeout: 2_000,
    requestTimeout: 4_000,
    throwOnRequestTimeout: true,
  };
  return new IAMClient({ region, credentials, maxAttempts, requestHandler });
}

/** A call that nobody makes, as IAM is asked about it. */
export interface Asked {
  /** `organizations:MoveAccount` */
  action: string;
  /** An ARN; absent where the action knows no resources. */
  resource?: string;
  /** Condition keys of the request. */
  context?: Record<string, string>;
}

/** What IAM says; where a policy asks for condition keys that nobody gave, it says no without knowing. */
export type Judgement = { is: 'allowed' | 'denied' } | { is: 'unclear'; missing: string[] };

/**
 * Whether the policies of a role or user allow a call.
 * @throws {AwsCallError} where IAM may not be asked, or knows no such role
 * @see https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
 */
export async function mayDo(
  iam: IAMClient,
  principalArn: string,
  { action, resource, context = {} }: Asked,
): Promise<Judgement> {
  const { EvaluationResults = [] } = await call('SimulatePrincipalPolicy', () =>
    iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: principalArn,
        ActionNames: [action],
        ...(resource ? { ResourceArns: [resource] } : {}),
        ContextEntries: Object.entries(context).map(([key, value]) => ({
          ContextKeyName: key,
          ContextKeyType: key === 'aws:SecureTransport' ? 'boolean' : 'string',
          ContextKeyValues: [value],
        })),
      }),
    ),
  );
  const denied = EvaluationResults.filter(({ EvalDecision }) => EvalDecision !== 'allowed');
  if (denied.length === 0) return { is: 'allowed' };
  const missing = [
    ...new Set(denied.flatMap(({ MissingContextValues = [] }) => MissingContextValues)),
  ];
  return missing.length > 0 ? { is: 'unclear', missing } : { is: 'denied' };
}
