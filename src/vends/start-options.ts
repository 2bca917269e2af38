import { MEMO_REQUESTED_BY, SearchAttribute, Stage, vendWorkflowId } from '../contract';
import type { VendRequest } from '../contract';

/**
 * How a vend is started, whoever asks: under its own id, found by its request from the first moment,
 * and once more only after a bad end. USE_EXISTING would join a run that another start made a moment
 * ago, whatever was asked for there.
 * @param requestedBy a name, and no e-mail address: memos are shown to many
 */
export function vendStartOptions(request: VendRequest, requestedBy: string) {
  const { requestId } = request;
  // Many see it, and by Nexus the request comes unchecked.
  const kind = request.kind === 'govcloud' ? 'govcloud' : 'standard';
  return {
    workflowId: vendWorkflowId(requestId),
    args: [request] as [VendRequest],
    memo: { [MEMO_REQUESTED_BY]: requestedBy },
    workflowIdConflictPolicy: 'FAIL' as const,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY' as const,
    staticSummary: `${kind} account for request ${requestId}`,
    typedSearchAttributes: [
      { key: SearchAttribute.requestId, value: requestId },
      { key: SearchAttribute.stage, value: Stage.queued },
    ],
  };
}
