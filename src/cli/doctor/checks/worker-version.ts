import type { WorkerDeploymentVersion } from '@temporalio/common';
import type { Finding } from '../finding';

/** Who serves a task queue: a version, or undefined for a worker without one. */
export interface Serving {
  taskQueue: string;
  namespace: string;
  versions: readonly (WorkerDeploymentVersion | undefined)[];
}

/**
 * Temporal hands new runs, the gate and the watches to workers of the current version alone; to those
 * without a version where none is current. Where no worker is of that kind, nothing begins.
 */
export function versionFindings(
  { taskQueue, namespace, versions }: Serving,
  current: WorkerDeploymentVersion | undefined,
): Finding[] {
  const texts = versions.map(textOf);
  const wanted = textOf(current);
  if (texts.includes(wanted)) return [];
  const there = [...new Set(texts)].join(', ');
  const candidate = versions.find((version) => version !== undefined);
  const of = current ?? candidate;
  const target = candidate ? `--build-id ${candidate.buildId}` : '--unversioned';
  return [
    {
      id: 'worker-version-not-current',
      level: 'stop',
      title: `no worker of the current version serves task queue ${taskQueue}`,
      detail: `Current is ${wanted}, and there are workers of ${there}: Temporal hands them no new vend, nor gate and watches. Make one of them current when it has been tried, or start a worker of the current version (docs/upgrading.md).`,
      fix: `temporal worker deployment set-current-version --namespace ${namespace} --deployment-name ${candidate?.deploymentName ?? of?.deploymentName ?? ''} ${target}`,
    },
  ];
}

function textOf(version: WorkerDeploymentVersion | undefined): string {
  return version ? `${version.deploymentName} ${version.buildId}` : 'no version';
}
