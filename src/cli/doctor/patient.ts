import type { WorkflowExecutionInfo } from '@temporalio/client';
import type { Configuration } from '../../config';
import { SearchAttribute, WorkflowType } from '../../contract';
import type { AwsClients } from '../aws';
import type { Io } from '../io';
import type { Temporal } from '../temporal';
import { needs, NotLookedAt, once } from './finding';
import {
  readAccounts,
  readCaller,
  readCreations,
  readCredentials,
  readOrganization,
  readRoot,
  readTrustedServices,
} from './read-aws';

/** For each call of Temporal's. */
const CALL_MS = 3_000;
/** So many vends are looked at, at most. */
const MOST_VENDS = 500;

/**
 * All that is looked at, each thing asked once. What several checks need stands here; whatever goes
 * wrong in reading it is told by one of them alone.
 */
export class Patient {
  readonly io: Io;
  readonly configuration: Configuration;
  /** The file that it was read from; absent where it is the defaults. */
  readonly configurationFile: string | undefined;
  readonly aws: AwsClients;
  readonly connected: Promise<Temporal>;

  constructor(parts: {
    io: Io;
    configuration: Configuration;
    configurationFile: string | undefined;
    aws: AwsClients;
    connected: Promise<Temporal>;
  }) {
    this.io = parts.io;
    this.configuration = parts.configuration;
    this.configurationFile = parts.configurationFile;
    this.aws = parts.aws;
    this.connected = parts.connected;
  }

  /** Asks Temporal, however late it answers. */
  async ask<T>(question: (temporal: Temporal) => Promise<T>): Promise<T> {
    const temporal = await needs(this.connected, 'It needs Temporal.');
    return temporal.client.withDeadline(Date.now() + CALL_MS, () => question(temporal));
  }

  readonly namespace = once(() =>
    this.ask(({ connection, namespace }) =>
      connection.workflowService.describeNamespace({ namespace }),
    ),
  );

  /** The same, about something in the namespace. */
  async askInNamespace<T>(question: (temporal: Temporal) => Promise<T>): Promise<T> {
    await needs(this.namespace(), 'It needs the namespace.');
    return this.ask(question);
  }

  /** Vends of this task queue that may have a creation in progress. */
  readonly creatingVends = once(() =>
    this.askInNamespace(async ({ client }) => {
      const query = [
        `WorkflowType = '${WorkflowType.vendAccount}'`,
        `TaskQueue = '${this.configuration.taskQueue}'`,
        `${SearchAttribute.stage.name} IN ('creating', 'cancelling')`,
        `ExecutionStatus = 'Running'`,
      ].join(' AND ');
      const vends: WorkflowExecutionInfo[] = [];
      for await (const vend of client.workflow.list({ query, pageSize: 200 })) {
        vends.push(vend);
        if (vends.length >= MOST_VENDS) break;
      }
      return vends;
    }),
  );

  readonly credentials = once(() => readCredentials(this.aws));
  readonly caller = once(async () => {
    await this.credentials();
    return readCaller(this.aws);
  });
  /** Whose the writes are, where that is another role. */
  readonly writer = once(() => readCaller(this.aws.writersFor()));
  readonly organization = once(async () => {
    await needs(this.credentials(), 'It needs working credentials.');
    return readOrganization(this.aws);
  });

  /** The organization, where these are the credentials of its management account. */
  readonly managed = once(async () => {
    const because = 'It needs working credentials of the management account.';
    const [caller, organization] = await Promise.all([
      needs(this.caller(), because),
      needs(this.organization(), because),
    ]);
    if (caller.accountId !== organization.managementAccountId) throw new NotLookedAt(because);
    return organization;
  });

  readonly root = once(async () => {
    await this.managed();
    return readRoot(this.aws);
  });
  readonly accounts = once(async () => {
    await this.managed();
    return readAccounts(this.aws);
  });
  /** Creations in progress. */
  readonly creations = once(async () => {
    await this.managed();
    return readCreations(this.aws);
  });
  readonly trustedServices = once(async () => {
    await this.managed();
    return readTrustedServices(this.aws);
  });
}
