import { AccountClient } from '@aws-sdk/client-account';
import { ConfigServiceClient } from '@aws-sdk/client-config-service';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { SNSClient } from '@aws-sdk/client-sns';
import { STSClient } from '@aws-sdk/client-sts';
import { observing } from './observe';
import type { CallObserver, PlugIn } from './observe';
import {
  assumed,
  ownCredentials,
  vendSession,
  type Credentials,
  type RoleToAssume,
} from './sessions';

export type { RoleToAssume } from './sessions';

/** How the worker reaches AWS; everything else is the SDK's own chain. */
export interface AwsSettings {
  /** Assumed before calling AWS. */
  managementRoleArn?: string | undefined;
  /** Assumed instead for what changes nothing. */
  readRoleArn?: string | undefined;
  /** For both. */
  externalId?: string | undefined;
  /** A simulator's. Then nothing of the environment counts: neither endpoints, Region nor credentials. */
  endpoint?: string | undefined;
}

/** What AssumeRole gives. */
export interface SessionCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

/** For what changes something, or leads into an account: with `managementRoleArn`, where there is one. */
export interface AwsWriters {
  /** For CreateAccount, CreateGovCloudAccount and MoveAccount: one attempt a call, never more. */
  organizationsWrite: OrganizationsClient;
  /** For idempotent calls. */
  organizations: OrganizationsClient;
  /** Alternate contacts and Regions of member accounts. */
  account: AccountClient;
  /** Assumes the role in new accounts. */
  sts: STSClient;
}

/** For what only reads, with `readRoleArn` where there is one; and the way to those that write. */
export interface AwsClients {
  organizations: OrganizationsClient;
  /** {@link AwsWriters}, of no vend. */
  organizationsWrite: OrganizationsClient;
  /** For one vend: where a role is assumed, in a session that carries the vend's name. */
  writersFor(requestId?: string): AwsWriters;
  /**
   * AWS Config of a Region, in the management account or in the one that a role leads to. One
   * attempt a call: the SDK would repeat without pacing itself.
   */
  config(region: string, role?: RoleToAssume): ConfigServiceClient;
  /** Regions of member accounts. */
  account: AccountClient;
  sts: STSClient;
  /** SNS, where the topic is; it publishes with `managementRoleArn`. */
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

/** A simulator takes any. */
const ofASimulator: Credentials = () =>
  Promise.resolve({ accessKeyId: 'test', secretAccessKey: 'test' });

/** So many vends keep their session; each has an AssumeRole more when it is remembered anew. */
const VENDS_REMEMBERED = 200;

export function createAwsClients(
  settings: AwsSettings = {},
  patience: AwsPatience = OF_A_WORKER,
  observe?: CallObserver,
): AwsClients {
  const { managementRoleArn, readRoleArn, externalId, endpoint } = settings;
  const requestHandler = timeouts(patience);
  const where = endpoint === undefined ? {} : { endpoint };
  const region = endpoint === undefined ? defaultRegion() : DEFAULT_REGION;
  const own = endpoint === undefined ? ownCredentials() : ofASimulator;
  const plugIns = observe ? [observing(observe)] : [];
  const watched = <C extends { middlewareStack: { use(plugIn: PlugIn): void } }>(client: C): C => {
    for (const plugIn of plugIns) client.middlewareStack.use(plugIn);
    return client;
  };
  const clientConfig = { region, ...where, ...attempts(patience) };
  const assume = (roleArn: string, sessionName?: string) =>
    assumed(
      { roleArn, externalId },
      {
        by: own,
        clientConfig,
        plugIns,
        ...(sessionName ? { sessionName } : {}),
      },
    );
  const writingAs = managementRoleArn ? assume(managementRoleArn) : own;
  const readingAs = readRoleArn ? assume(readRoleArn) : writingAs;
  const reading = {
    region,
    ...where,
    ...attempts(patience),
    requestHandler,
    credentials: readingAs,
  };

  const organizations = watched(new OrganizationsClient(reading));
  const account = watched(new AccountClient(reading));
  const sts = watched(new STSClient(reading));
  const makeWriters = (credentials: Credentials, like?: AwsWriters): AwsWriters => {
    // Sessions of vends share the connections of the clients that they are made after.
    const usual = { region, ...where, ...attempts(patience), credentials };
    const made: AwsWriters = {
      organizationsWrite: new OrganizationsClient({
        region,
        ...where,
        credentials,
        // The SDK repeats a lost CreateAccount by itself, which makes a second account (AWS has no
        // idempotency token here). And a reused connection that AWS has just closed would lose an
        // answer for nothing, so writes open their own.
        maxAttempts: 1,
        requestHandler: like?.organizationsWrite.config.requestHandler ?? {
          ...requestHandler,
          httpAgent: { keepAlive: false },
          httpsAgent: { keepAlive: false },
        },
      }),
      organizations: new OrganizationsClient({
        ...usual,
        requestHandler: like?.organizations.config.requestHandler ?? requestHandler,
      }),
      account: new AccountClient({
        ...usual,
        requestHandler: like?.account.config.requestHandler ?? requestHandler,
      }),
      sts: new STSClient({
        ...usual,
        requestHandler: like?.sts.config.requestHandler ?? requestHandler,
      }),
    };
    for (const client of Object.values(made)) watched(client);
    return made;
  };
  const writers = makeWriters(writingAs);
  const ofVends = new Map<string, AwsWriters>();
  const configs = new Map<string, ConfigServiceClient>();
  const topics = new Map<string, SNSClient>();
  const owners = new Map<string, Credentials>();

  return {
    organizations,
    organizationsWrite: writers.organizationsWrite,
    account,
    sts,
    writersFor(requestId) {
      if (!managementRoleArn || requestId === undefined) return writers;
      const name = vendSession(requestId);
      const known = ofVends.get(name) ?? makeWriters(assume(managementRoleArn, name), writers);
      // The one that was used last is forgotten last.
      ofVends.delete(name);
      ofVends.set(name, known);
      const [oldest] = ofVends.keys();
      if (ofVends.size > VENDS_REMEMBERED && oldest !== undefined) ofVends.delete(oldest);
      return known;
    },
    sns(topicRegion) {
      const known = topics.get(topicRegion);
      if (known) return known;
      const client = watched(
        new SNSClient({ ...reading, credentials: writingAs, region: topicRegion }),
      );
      topics.set(topicRegion, client);
      return client;
    },
    configOf: (itsRegion, credentials) =>
      watched(
        new ConfigServiceClient({ region: itsRegion, ...where, credentials, requestHandler }),
      ),
    config(itsRegion, role) {
      const key = `${itsRegion} ${role?.roleArn ?? ''} ${role?.externalId ?? ''}`;
      const known = configs.get(key);
      if (known) return known;
      const client = watched(
        new ConfigServiceClient({
          ...reading,
          ...(role ? { credentials: credentialsOf(role) } : {}),
          region: itsRegion,
          maxAttempts: 1,
        }),
      );
      configs.set(key, client);
      return client;
    },
    async credentialKey() {
      return (await organizations.config.credentials()).accessKeyId;
    },
    destroy() {
      organizations.destroy();
      account.destroy();
      sts.destroy();
      for (const client of Object.values(writers)) client.destroy();
      for (const client of [...configs.values(), ...topics.values()]) client.destroy();
    },
  };

  /** Once for all regions. */
  function credentialsOf(role: RoleToAssume): Credentials {
    const key = `${role.roleArn} ${role.externalId ?? ''}`;
    const known = owners.get(key);
    if (known) return known;
    const credentials = assumed(role, {
      by: readingAs,
      clientConfig,
      plugIns,
    });
    owners.set(key, credentials);
    return credentials;
  }
}

/** The SDK's own region, or the default: a worker without AWS_REGION is no fault. */
function defaultRegion(): () => Promise<string> {
  let region: Promise<string> | undefined;
  return () => {
    region ??= new OrganizationsClient({}).config.region().catch(() => DEFAULT_REGION);
    return region;
  };
}
