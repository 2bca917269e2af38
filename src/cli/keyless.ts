import type { Client, WorkflowClientInterceptor } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { WorkflowType } from '../contract';
import { EncryptionCodec, isEncrypted } from '../encryption';

/** So many running workflows are looked at: whoever vends with keys has encrypted them all. */
const LOOKED_AT = 3;

/**
 * Keeps a command without keys from sending a request in clear to where workers encrypt: somebody has
 * forgotten to set the variable. Only what would write is held up, once, by a look at what runs.
 * @param client asked before the first write; it is there only then
 */
export function keyless(client: () => Client): WorkflowClientInterceptor {
  let looked: Promise<void> | undefined;
  const afterLook = async <T>(write: () => Promise<T>): Promise<T> => {
    looked ??= refuseIfEncrypted(client());
    await looked;
    return write();
  };
  return {
    startWithDetails: (input, next) => afterLook(() => next(input)),
    startUpdate: (input, next) => afterLook(() => next(input)),
    startUpdateWithStart: (input, next) => afterLook(() => next(input)),
    signal: (input, next) => afterLook(() => next(input)),
    signalWithStart: (input, next) => afterLook(() => next(input)),
  };
}

async function refuseIfEncrypted(client: Client): Promise<void> {
  const payloads = await firstPayloads(client).catch(() => []);
  const encrypted = payloads.find(isEncrypted);
  // Says which key it needs.
  if (encrypted) await new EncryptionCodec().decode([encrypted]);
}

/** What the newest that run were started with. The gate of an organization always runs. */
async function firstPayloads({ workflowService, options }: Client): Promise<Payload[]> {
  const { namespace } = options;
  const types = [WorkflowType.vendAccount, WorkflowType.organizationGate];
  const query = `WorkflowType IN (${types.map((type) => `'${type}'`).join(', ')}) AND ExecutionStatus = 'Running'`;
  const { executions } = await workflowService.listWorkflowExecutions({
    namespace,
    query,
    pageSize: LOOKED_AT,
  });
  const found = await Promise.all(
    (executions ?? []).map(async ({ execution }) => {
      const { history } = await workflowService.getWorkflowExecutionHistory({
        namespace,
        execution: execution ?? {},
        maximumPageSize: 1,
      });
      const [first] = history?.events ?? [];
      return first?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    }),
  );
  return found.flat();
}
