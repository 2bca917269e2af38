import { DescribeConfigurationRecordersCommand } from '@aws-sdk/client-config-service';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { AwsClients, SessionCredentials } from '../aws/clients';
import { COMMON_SESSION, vendSession } from '../aws/sessions';
import { mayBeTheWorkers } from '../domain/readiness';
import { AwsCallError, call, outcomeOf } from './aws-calls';
import type { ActivityDeps } from './deps';
import type { OrganizationLookup } from './organization';
import type { Outcome } from './outcomes';

export interface ReadinessInput {
  organizationId: string;
  /** Absent in what earlier versions have scheduled. */
  requestId?: string;
  accountId: string;
  roleName: string;
  /** Where AWS Config is asked. */
  region: string;
}

/** The shortest that AWS gives: one call is all that is made with it. */
const SESSION_SECONDS = 900;

/**
 * Whether the account can be used: its role can be assumed, and AWS Config answers in it. Read-only;
 * the credentials are forgotten at once.
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export function checkReadiness(
  deps: ActivityDeps,
  lookup: OrganizationLookup,
  input: ReadinessInput,
): Promise<Outcome<'ready'>> {
  return outcomeOf(async () => {
    const { partition } = await lookup.expect(input.organizationId);
    const credentials = await assumeRole(deps.aws, input, partition);
    const config = deps.aws.configOf(input.region, credentials);
    try {
      await call(
        'DescribeConfigurationRecorders',
        () => config.send(new DescribeConfigurationRecordersCommand({})),
        Object.values(credentials),
      );
    } finally {
      config.destroy();
    }
    return 'ready' as const;
  });
}

async function assumeRole(
  aws: AwsClients,
  input: ReadinessInput,
  partition: string,
): Promise<SessionCredentials> {
  const { sts } = aws.writersFor(input.requestId);
  try {
    const { Credentials } = await call('AssumeRole', () =>
      sts.send(
        new AssumeRoleCommand({
          RoleArn: `arn:${partition}:iam::${input.accountId}:role/${input.roleName}`,
          RoleSessionName:
            input.requestId === undefined ? COMMON_SESSION : vendSession(input.requestId),
          DurationSeconds: SESSION_SECONDS,
        }),
      ),
    );
    return {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    };
  } catch (error) {
    // What AWS says of a new account it says of credentials that were taken away too.
    if (error instanceof AwsCallError && mayBeTheWorkers(error.detail)) {
      await call('GetCallerIdentity', () => sts.send(new GetCallerIdentityCommand({})));
    }
    throw error;
  }
}
