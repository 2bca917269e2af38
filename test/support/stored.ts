import type { Client } from '@temporalio/client';

/** A payload as Temporal stores it, and where it stands. */
export interface StoredPayload {
  /** Such as `vend-a/WorkflowExecutionStarted/input`. */
  where: string;
  encoding: string;
  keyId?: string;
  /** As bytes read as text: cipher text looks like nothing. */
  text: string;
}

/** All that Temporal stores of all workflows of a namespace: read without any codec. */
export interface Stored {
  payloads: StoredPayload[];
  /** All of it as one text, with bytes as they are and not as base64, where a name could stand by chance. */
  text: string;
}

/** Reads lists, descriptions and whole histories of every workflow, as the wire has them. */
export async function readStored(
  client: Client,
  isMeant: (workflowId: string) => boolean = () => true,
): Promise<Stored> {
  const { workflowService, options } = client;
  const { namespace } = options;
  const payloads: StoredPayload[] = [];
  const texts: string[] = [];
  const take = (where: string, message: unknown) => {
    // Protobuf's own JSON: bytes become base64.
    const json: unknown = JSON.parse(JSON.stringify(message ?? {}));
    texts.push(`${where} ${plain(json)}`);
    walk(json, where, payloads);
  };
  const { executions } = await workflowService.listWorkflowExecutions({ namespace, pageSize: 500 });
  for (const listed of executions ?? []) {
    const { workflowId = '', runId = '' } = listed.execution ?? {};
    if (!isMeant(workflowId ?? '')) continue;
    const execution = { workflowId, runId };
    take(`${workflowId}/list`, listed);
    take(
      `${workflowId}/describe`,
      await workflowService.describeWorkflowExecution({ namespace, execution }),
    );
    let nextPageToken: Uint8Array | undefined;
    do {
      const page = await workflowService.getWorkflowExecutionHistory({
        namespace,
        execution,
        ...(nextPageToken ? { nextPageToken } : {}),
      });
      for (const event of page.history?.events ?? []) {
        const kind = Object.keys(event).find((name) => name.endsWith('EventAttributes')) ?? '?';
        take(`${workflowId}/${kind.replace('EventAttributes', '')}`, event);
      }
      nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined;
    } while (nextPageToken);
  }
  return { payloads, text: texts.join('\n') };
}

function walk(value: unknown, where: string, found: StoredPayload[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (isPayload(value)) {
    const { metadata, data } = value;
    const keyId = metadata['encryption-key-id'];
    found.push({
      where,
      encoding: fromBase64(metadata['encoding'] ?? ''),
      ...(keyId ? { keyId: fromBase64(keyId) } : {}),
      text: fromBase64(data ?? ''),
    });
    return;
  }
  for (const [name, inner] of Object.entries(value)) {
    walk(
      inner,
      /^(?:\d+|payloads|fields|.*EventAttributes)$/.test(name) ? where : `${where}/${name}`,
      found,
    );
  }
}

/** A payload, of which the values are bytes, here in base64. */
interface Payload {
  metadata: Record<string, string>;
  data?: string;
}

function isPayload(value: unknown): value is Payload {
  const metadata = (value as Payload | null)?.metadata;
  return typeof metadata === 'object' && metadata !== null && 'encoding' in metadata;
}

function plain(value: unknown): string {
  const decoded = (_name: string, inner: unknown) =>
    isPayload(inner) ? { ...inner, data: fromBase64(inner.data ?? '') } : inner;
  return JSON.stringify(value, decoded).replaceAll(
    // What else looks like base64 may be bytes, and may be a word.
    /"([A-Za-z0-9+/]{8,}={0,2})"/g,
    (whole, data: string) => `${whole}<${fromBase64(data)}>`,
  );
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}
