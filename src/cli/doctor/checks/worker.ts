import type { WorkerDeploymentVersion } from '@temporalio/common';
import { optionalTsToMs } from '@temporalio/common/lib/time';
import { formatDuration } from '../../../domain/duration';
import { withoutAddresses } from '../../../domain/redact';
import type { Temporal } from '../../temporal';
import type { Check, Finding } from '../finding';
import type { Patient } from '../patient';
import { versionFindings } from './worker-version';

type DescribeTaskQueue = Temporal['connection']['workflowService']['describeTaskQueue'];
type TaskQueueType = NonNullable<Parameters<DescribeTaskQueue>[0]['taskQueueType']>;

/** `temporal.api.enums.v1.TaskQueueType`. */
// oxlint-disable typescript/no-unsafe-enum-assignment -- the enum itself is in no package of ours
const QUEUES = { workflows: 1 as TaskQueueType, activities: 2 as TaskQueueType };
// oxlint-enable typescript/no-unsafe-enum-assignment
/** `temporal.api.enums.v1.WorkerVersioningMode`. */
const VERSIONED = 2;

/** A worker asks for at most a minute at a time; Temporal remembers it for five. */
const GONE_AFTER_MS = 90_000;

export const workerChecks: Check<Patient>[] = [
  { name: 'a worker on the task queue', group: 'Temporal', needed: true, run: look },
];

interface Poller {
  identity: string;
  agoMs: number;
  /** Where worker versioning is on for it. */
  version?: WorkerDeploymentVersion;
}

interface Served {
  pollers: Poller[];
  /** To whose workers Temporal hands new runs; undefined for workers without a version. */
  current?: WorkerDeploymentVersion;
}

async function look(patient: Patient): Promise<Finding[]> {
  const { taskQueue } = patient.configuration;
  const [workflows, activities] = await Promise.all([
    readPollers(patient, QUEUES.workflows),
    readPollers(patient, QUEUES.activities),
  ]);
  const finding = workerFinding(taskQueue, {
    workflows: workflows.pollers,
    activities: activities.pollers,
  });
  if (finding.level !== 'ok') return [finding];
  const { namespace } = await patient.ask(async (temporal) => temporal);
  const versions = workflows.pollers.filter(isThere).map(({ version }) => version);
  return [finding, ...versionFindings({ taskQueue, namespace, versions }, workflows.current)];
}

async function readPollers(patient: Patient, taskQueueType: TaskQueueType): Promise<Served> {
  const { taskQueue: name } = patient.configuration;
  const { pollers, versioningInfo } = await patient.askInNamespace(({ connection, namespace }) =>
    connection.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name },
      taskQueueType,
    }),
  );
  const current = versionOf(versioningInfo?.currentDeploymentVersion);
  return {
    pollers: (pollers ?? []).map(({ identity, lastAccessTime, deploymentOptions: its }) => {
      const version = Number(its?.workerVersioningMode) === VERSIONED ? versionOf(its) : undefined;
      return {
        identity: nameOf(identity ?? ''),
        agoMs: Date.now() - (optionalTsToMs(lastAccessTime) ?? 0),
        ...(version ? { version } : {}),
      };
    }),
    ...(current ? { current } : {}),
  };
}

function versionOf(
  given: { deploymentName?: string | null; buildId?: string | null } | null | undefined,
): WorkerDeploymentVersion | undefined {
  const { deploymentName, buildId } = given ?? {};
  return deploymentName && buildId ? { deploymentName, buildId } : undefined;
}

function isThere({ agoMs }: Poller): boolean {
  return agoMs < GONE_AFTER_MS;
}

/** The SDK's own is `pid@host`, which is no address. */
export function nameOf(identity: string): string {
  return withoutAddresses(identity.replace(/^(\d+)@/, 'process $1 on '));
}

/** @param pollers who asked for tasks in the last minutes */
export function workerFinding(
  taskQueue: string,
  pollers: Record<keyof typeof QUEUES, readonly Poller[]>,
): Finding {
  const idle = (['workflows', 'activities'] as const).filter(
    (kind) => !pollers[kind].some(isThere),
  );
  if (idle.length === 0) {
    const names = [...new Set(pollers.workflows.filter(isThere).map(({ identity }) => identity))];
    return {
      id: 'worker',
      level: 'ok',
      title: `${names.length === 1 ? 'a worker serves' : `${names.length} workers serve`} task queue ${taskQueue}`,
      detail: `For workflows and activities: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}.`,
    };
  }
  const last = Math.min(...[...pollers.workflows, ...pollers.activities].map(({ agoMs }) => agoMs));
  const what = idle.length === 2 ? '' : ` for ${idle.join('')}`;
  return {
    id: 'no-worker',
    level: 'stop',
    title: `no worker serves task queue ${taskQueue}${what}`,
    detail: `Vends wait until one does${
      Number.isFinite(last) && idle.length === 2
        ? `; the last was seen ${formatDuration(last)} ago`
        : ''
    }. Another task queue in the worker's configuration has the same effect.`,
    fix: 'node lib/worker.js',
  };
}
