import type { StartOperationContext } from 'nexus-rpc';
import { withoutPersonal } from '../../domain/redact';

/**
 * Who calls, as Temporal says it. A workflow cannot choose it; whoever may use the Nexus routes of the
 * server's HTTP API writes it himself.
 */
export interface Caller {
  namespace?: string;
  workflowId?: string;
}

/** Temporal links the operation with the event of the workflow that asked for it. */
export function callerOf({ inboundLinks }: Pick<StartOperationContext, 'inboundLinks'>): Caller {
  for (const { url } of inboundLinks) {
    const [, namespace, workflowId] =
      /^\/+namespaces\/([^/]+)(?:\/workflows\/([^/]+))?/.exec(url.pathname) ?? [];
    if (!namespace) continue;
    return {
      namespace: decodeURIComponent(namespace),
      ...(workflowId ? { workflowId: decodeURIComponent(workflowId) } : {}),
    };
  }
  return {};
}

/** Tells callers apart; undefined where Temporal does not say who it is. */
export function callerKey({ namespace, workflowId }: Caller): string | undefined {
  return namespace !== undefined && workflowId ? `${namespace}/${workflowId}` : undefined;
}

/** For the memo and for decisions, which many see: ids of other people's workflows may hold anything. */
export function callerName({ namespace, workflowId }: Caller, accountName?: unknown): string {
  const id = workflowId ? `/${workflowId}` : '';
  return withoutPersonal(`${namespace ?? 'nexus'}${id}`, accountName);
}
