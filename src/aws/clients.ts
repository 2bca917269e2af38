import { AccountClient } from '@aws-sdk/client-account';
import { ConfigServiceClient } from '@aws-sdk/client-config-service';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { SNSClient } from '@aws-sdk/client-sns';
import { STSClient } from '@aws-sdk/client-sts';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';

/** How the worker reaches AWS; everything else is the SDK's own chain. */
export interface AwsSettings {
  /** Assumed before calling AWS. */
  managementRoleArn?: string | undefined;
  externalId?: string | undefined;
  /** A simulator's. Then nothing of the environment counts: neither endpoints, Region nor credentials. */
  endpoint?: string | undefined;
}

/** A role in an account that owns conformance packs. */
export interface RoleToAssume {
  roleArn: string;
  externalId?: string | undefined;
}

/** What AssumeRole gives. */
export interface SessionCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

export interface AwsClients {
  /** For CreateAccount, CreateGovCloudAccount and MoveAccount: one attempt a call, never more. */
  organizationsWrite: OrganizationsClient;
  /** For reads and for idempotent calls. */
  organizations: OrganizationsClient;
  /**
   * AWS Config of a Region, in the management account or in the one that a role leads to. One
   * attempt a call: the SDK would repeat without pacing itself.
   */
  config(region: string, role?: RoleToAssume): ConfigServiceClient;
  /** Alternate contacts and Regions of member accounts. */
  account: AccountClient;
  sts: STSClient;
  /** SNS, where the topic is. */
  sns(region: string): SNSClient;
  /** AWS Config as an account itself sees it. The caller destroys it. */
  configOf(region: string, credentials: SessionCredentials): ConfigServiceClient;
  /** Tells credentials apart, so that what was learnt with one set is not believed of another. */
  credentialKey(): Promise<string>;
  destroy(): void;
}

/** How long a call may take, and how often it is sent in all. Default: as often as the SDK does. */
export interface AwsPatience {
  requestTimeoutMs: number;
  attempts?: number;
}

/** A worker's: AWS may be slow. */
const OF_A_WORKER: AwsPatience = { requestTimeoutMs: 20_000 };

/**
 * The SDK has no time-out of its own: a call without one hangs until the activity's time-out.
 * `requestTimeout` alone only logs a warning.
 */
function timeouts({ requestTimeoutMs }: AwsPatience) {
  return {
    connectionTimeout: 3_000,
    requestTimeout: requestTimeoutMs,
    throwOnRequestTimeout: true,
  } as const;
}

function attempts({ attempts: maxAttempts }: AwsPatience): { maxAttempts?: number } {
  return maxAttempts === undefined ? {} : { maxAttempts };
}

/** AWS Organizations is global; this only decides the partition where nothing else does. */
const DEFAULT_REGION = 'us-east-1';

export function createAwsClients(
  settings: AwsSettings = {},
  patience: AwsPatience = OF_A_WORKER,
): AwsClients {
  const { managementRoleArn: roleArn, externalId, endpoint } = settings;
  const requestHandler = timeouts(patience);
  const where = endpoint === undefined ? undefined : { endpoint, credentials: OF_A_SIMULATOR };
  const credentials = roleArn ? assumed({ roleArn, externalId }, patience, where) : undefined;
  const shared = {
    region: where ? DEFAULT_REGION : defaultRegion(),
    ...where,
    ...(credentials ? { credentials } : {}),
  };
  const reading = { ...shared, ...attempts(patience), requestHandler };

  const organizations = new OrganizationsClient(reading);
  const organizationsWrite = new OrganizationsClient({
    ...shared,
    // The SDK repeats a lost CreateAccount by itself, which makes a second account (AWS has no
    // idempotency token here). And a reused connection that AWS has just closed would lose an
    // answer for nothing, so writes open their own.
    maxAttempts: 1,
    requestHandler: {
      ...requestHandler,
      httpAgent: { keepAlive: false },
      httpsAgent: { keepAlive: false },
    },
  });
  const account = new AccountClient(reading);
  const sts = new STSClient(reading);
  const configs = new Map<string, ConfigServiceClient>();
  const topics = new Map<string, SNSClient>();

  return {
    organizations,
    organizationsWrite,
    account,
    sts,
    sns(region) {
      const known = topics.get(region);
      if (known) return known;
      const client = new SNSClient({ ...reading, region });
      topics.set(region, client);
      return client;
    },
    configOf: (region, own) =>
      new ConfigServiceClient({
        region,
        ...(endpoint === undefined ? {} : { endpoint }),
        credentials: own,
        requestHandler,
      }),
    config(region, role) {
      const key = `${region} ${role?.roleArn ?? ''} ${role?.externalId ?? ''}`;
      const known = configs.get(key);
      if (known) return known;
      const client = new ConfigServiceClient({
        ...shared,
        ...(role ? { credentials: assumed(role, patience, where, credentials) } : {}),
        region,
        maxAttempts: 1,
        requestHandler,
      });
      configs.set(key, client);
      return client;
    },
    async credentialKey() {
      return (await organizations.config.credentials()).accessKeyId;
    },
    destroy() {
      organizations.destroy();
      organizationsWrite.destroy();
      account.destroy();
      sts.destroy();
      for (const client of [...configs.values(), ...topics.values()]) client.destroy();
    },
  };
}

type Assumed = ReturnType<typeof fromTemporaryCredentials>;

/** A simulator takes any. */
const OF_A_SIMULATOR = { accessKeyId: 'test', secretAccessKey: 'test' } as const;

interface SimulatorAccess {
  endpoint: string;
  credentials: typeof OF_A_SIMULATOR;
}

/** Credentials of a role, renewed before they expire. @param by what assumes it; default: the SDK's own */
function assumed(
  role: RoleToAssume,
  patience: AwsPatience,
  where?: SimulatorAccess,
  by?: Assumed,
): Assumed {
  return fromTemporaryCredentials({
    params: {
      RoleArn: role.roleArn,
      RoleSessionName: 'account-vending',
      ...(role.externalId ? { ExternalId: role.externalId } : {}),
    },
    ...(by ? { masterCredentials: by } : {}),
    clientConfig: { region: DEFAULT_REGION, ...where, ...attempts(patience) },
  });
}

/** The SDK's own region, or the default: a worker without AWS_REGION is no fault. */
function defaultRegion(): () => Promise<string> {
  let region: Promise<string> | undefined;
  return () => {
    region ??= new OrganizationsClient({}).config.region().catch(() => DEFAULT_REGION);
    return region;
  };
}
