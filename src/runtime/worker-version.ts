import type { WorkerDeploymentVersion } from '@temporalio/common';
import { StartProblem } from './start-problem';

/** As Temporal's Worker Controller for Kubernetes sets them. */
const NAME = 'TEMPORAL_DEPLOYMENT_NAME';
const BUILD_ID = 'TEMPORAL_WORKER_BUILD_ID';

/** Which version of the worker this is; none where versioning is not asked for. */
export function workerVersion(env: NodeJS.ProcessEnv): WorkerDeploymentVersion | undefined {
  const deploymentName = read(env, NAME);
  const buildId = read(env, BUILD_ID);
  if (!deploymentName && !buildId) return undefined;
  if (!deploymentName || !buildId) {
    const [given, missing] = deploymentName ? [NAME, BUILD_ID] : [BUILD_ID, NAME];
    throw new StartProblem(
      `${missing} is not set, and ${given} is: worker versioning needs both. Set ${missing} as well, or unset ${given}.`,
      2,
    );
  }
  return { deploymentName, buildId };
}

/** Temporal writes a version as `name:build` or `name.build`, so that a name may have neither. */
function read(env: NodeJS.ProcessEnv, variable: string): string | undefined {
  const value = env[variable]?.trim();
  if (variable === NAME && value && /[.:]/.test(value)) {
    throw new StartProblem(`${NAME} is ${value}, and must have no "." and no ":" in it.`, 2);
  }
  return value || undefined;
}
