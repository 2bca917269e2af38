import { z } from 'zod';

/** What an operation is known by after its start: Temporal hands it back to whoever cancels. */
export interface OperationToken {
  workflowId: string;
  /** The call of one caller; several may have joined one vend. */
  call?: string;
  /** Who called: `<namespace>/<workflow id>`, where Temporal says it. */
  caller?: string;
}

/** The SDK's own fields (`t` 1: a workflow run), so that whatever reads its tokens reads ours; and our two. */
const shape = z.object({
  t: z.literal(1),
  wid: z.string(),
  call: z.string().optional(),
  caller: z.string().optional(),
});

export function writeToken(namespace: string, { workflowId, ...ours }: OperationToken): string {
  const token = JSON.stringify({ t: 1, ns: namespace, wid: workflowId, ...ours });
  return Buffer.from(token).toString('base64url');
}

/** Undefined for what is no token of a vend. */
export function readToken(token: string): OperationToken | undefined {
  try {
    const json: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    const { wid, call, caller } = shape.parse(json);
    return { workflowId: wid, ...(call ? { call } : {}), ...(caller ? { caller } : {}) };
  } catch {
    return undefined;
  }
}
