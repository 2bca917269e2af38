/** The task queue of the worker, unless the configuration names another (one per organization). */
export const TASK_QUEUE = 'account-vending';

/** Workflow types. They are a public API: they are never renamed. */
export const WorkflowType = {
  vendAccount: 'vendAccount',
  organizationGate: 'organizationGate',
  conformanceWatch: 'conformanceWatch',
  deliverNotification: 'deliverNotification',
  vendBatch: 'vendBatch',
} as const;

/**
 * Memo of a vend: who asked for it, so that their own approval does not count. Memos are shown to
 * many: a name, never an e-mail address.
 */
export const MEMO_REQUESTED_BY = 'requestedBy';

/** The tag that proves an account to be the one of a request. It goes with CreateAccount itself. */
export const REQUEST_TAG = 'account-vending:request-id';

const WORKFLOW_ID_PREFIX = 'vend-';

/** The workflow id of a vend that we start. A parent workflow may choose its own. */
export function vendWorkflowId(requestId: string): string {
  return `${WORKFLOW_ID_PREFIX}${requestId}`;
}

const GATE_ID_PREFIX = 'organization-gate-';

/** The workflow id of an organization's gate. @param organizationId `o-…` */
export function gateWorkflowId(organizationId: string): string {
  return `${GATE_ID_PREFIX}${organizationId}`;
}

const WATCH_ID_PREFIX = 'conformance-watch-';

/** The workflow id of the watch of an organization's conformance packs in one region. */
export function watchWorkflowId(organizationId: string, region: string): string {
  return `${WATCH_ID_PREFIX}${organizationId}-${region}`;
}

/** Whether a workflow id is that of a gate or of a watch, which everybody depends on. */
export function isSharedWorkflowId(workflowId: string): boolean {
  return workflowId.startsWith(GATE_ID_PREFIX) || workflowId.startsWith(WATCH_ID_PREFIX);
}

/** The workflow id of a batch. @param name the manifest's */
export function batchWorkflowId(name: string): string {
  return `vend-batch-${name}`;
}

/** Key in a vend's memo: the workflow id of the batch that started it, which it tells how it goes. */
export const MEMO_BATCH = 'batch';

const REQUEST_ID = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether a value can be the id of a request; ids go into search attributes and tags. */
export function isRequestId(value: unknown): value is string {
  return typeof value === 'string' && REQUEST_ID.test(value);
}

/**
 * The value of {@link REQUEST_TAG}: the request id, behind the installation's name where several
 * installations share an organization.
 */
export function requestTagValue(requestId: string, installation?: string): string {
  return installation ? `${installation}/${requestId}` : requestId;
}
