import { AccountClient } from '@aws-sdk/client-account';
import { ConfigServiceClient } from '@aws-sdk/client-config-service';
import {
  CreateAccountCommand,
  DescribeCreateAccountStatusCommand,
  OrganizationsClient,
  type CreateAccountStatus,
} from '@aws-sdk/client-organizations';
import { STSClient } from '@aws-sdk/client-sts';
import {
  ManualClock,
  startSimulator,
  type Simulator,
  type SimulatorOptions,
} from '../../src/simulator';

export interface Rig {
  simulator: Simulator;
  clock: ManualClock;
  organizations: OrganizationsClient;
  config: ConfigServiceClient;
  sts: STSClient;
  account: AccountClient;
  close(): Promise<void>;
}

interface ClientSettings {
  region?: string;
  maxAttempts?: number;
  /** Whose credentials: an account id stands for itself. */
  accessKeyId?: string;
}

const open: { destroy(): void }[] = [];

function settings(url: string, { region = 'us-east-1', maxAttempts = 1, ...rest }: ClientSettings) {
  return {
    endpoint: url,
    region,
    maxAttempts,
    credentials: { accessKeyId: rest.accessKeyId ?? 'AKIATEST', secretAccessKey: 'secret' },
  };
}

function kept<Client extends { destroy(): void }>(client: Client): Client {
  open.push(client);
  return client;
}

export function organizationsClient(url: string, how: ClientSettings = {}): OrganizationsClient {
  return kept(new OrganizationsClient(settings(url, how)));
}

export function configClient(url: string, how: ClientSettings = {}): ConfigServiceClient {
  return kept(new ConfigServiceClient(settings(url, how)));
}

export function accountClient(url: string, how: ClientSettings = {}): AccountClient {
  return kept(new AccountClient(settings(url, how)));
}

export function stsClient(url: string, how: ClientSettings = {}): STSClient {
  return kept(new STSClient(settings(url, how)));
}

export function destroyClients(): void {
  for (const client of open.splice(0)) client.destroy();
}

/** A simulator whose time stands still, and clients for it. */
export async function startRig(options: SimulatorOptions = {}): Promise<Rig> {
  const clock = new ManualClock(Date.parse('2026-11-22T00:00:00Z'));
  const simulator = await startSimulator({ profile: 'test', clock, ...options });
  return {
    simulator,
    clock,
    organizations: organizationsClient(simulator.url),
    config: configClient(simulator.url),
    sts: stsClient(simulator.url),
    account: accountClient(simulator.url),
    close: async () => {
      destroyClients();
      await simulator.close();
    },
  };
}

export function creation(email: string, requestId?: string, name = 'Test'): CreateAccountCommand {
  return new CreateAccountCommand({
    Email: email,
    AccountName: name,
    ...(requestId !== undefined && {
      Tags: [{ Key: 'account-vending:request-id', Value: requestId }],
    }),
  });
}

export async function create(rig: Rig, email: string, requestId?: string): Promise<string> {
  const { CreateAccountStatus: first } = await rig.organizations.send(creation(email, requestId));
  return first?.Id ?? '';
}

export async function status(rig: Rig, id: string): Promise<CreateAccountStatus> {
  const answer = await rig.organizations.send(
    new DescribeCreateAccountStatusCommand({ CreateAccountRequestId: id }),
  );
  return answer.CreateAccountStatus ?? {};
}

/** Creates an account and lets its time pass. */
export async function finish(rig: Rig, email: string, requestId?: string) {
  const id = await create(rig, email, requestId);
  rig.clock.advance(60_000);
  return status(rig, id);
}

/**
 * Inside jest Node's own errors are no `instanceof Error`, so the SDK wraps them and their `code` is
 * lost; outside it stays.
 */
const LOST = /^AWS SDK error wrapper for .*(?:ECONNRESET|aborted|socket hang up)/;

/** What a call fails with: the parts that callers judge by. */
export async function failure(
  call: Promise<unknown>,
): Promise<{ name: string; code?: string; reason?: string; status?: number; message: string }> {
  try {
    await call;
  } catch (error) {
    const thrown = error as Error & {
      code?: string;
      Reason?: string;
      $metadata?: { httpStatusCode?: number };
    };
    const code = thrown.code ?? (LOST.test(thrown.message) ? 'ECONNRESET' : undefined);
    return {
      name: thrown.name,
      message: thrown.message,
      ...(code !== undefined && { code }),
      ...(thrown.Reason !== undefined && { reason: thrown.Reason }),
      ...(thrown.$metadata?.httpStatusCode && { status: thrown.$metadata.httpStatusCode }),
    };
  }
  throw new Error('The call did not fail.');
}
