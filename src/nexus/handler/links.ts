import type { Link } from 'nexus-rpc';
import type { VendRef } from '../../vends/find-started';

/** To the first event of a run: the caller's page in the Web UI has a link to it. */
export function linkTo(namespace: string, { workflowId, runId }: VendRef): Link {
  const path = ['namespaces', namespace, 'workflows', workflowId, runId, 'history'];
  const url = new URL(`temporal:///${path.map(encodeURIComponent).join('/')}`);
  url.search = 'referenceType=EventReference&eventID=1&eventType=WorkflowExecutionStarted';
  return { url, type: 'temporal.api.common.v1.Link.WorkflowEvent' };
}
