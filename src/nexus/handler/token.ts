import { z } from 'zod';

/** What an operation is known by after its start: Temporal hands it back to whoever cancels. */
export interface OperationToken {
  workflowId: string;
  /** The call of one caller; several may have joined one vend. */
  call?: string;
}

/** The SDK's own fields (`t` 1: a workflow run), so that whatever reads its tokens reads ours; and `call`. */
const shape = z.object({ t: z.literal(1), wid: z.string(), call: z.string().optional() });

export function writeToken(namespace: string, { workflowId, call }: OperationToken): string {
  const token = JSON.stringify({ t: 1, ns: namespace, wid: workflowId, call });
  return Buffer.from(token).toString('base64url');
}

/** Undefined for what is no token of a vend. */
export function readToken(token: string): OperationToken | undefined {
  try {
    const json: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    const { wid, call } = shape.parse(json);
    return { workflowId: wid, ...(call ? { call } : {}) };
  } catch {
    return undefined;
  }
}
