import type { IncomingMessage } from 'node:http';
import { accountOfAccessKey } from './ids';
import type { JournalEntry } from './types';
import type { Call, ServiceName } from './wire/call';
import { TARGET_PREFIXES } from './wire/json-protocol';
import { readForm } from './wire/query-protocol';
import { restOperation } from './wire/rest-protocol';
import { readCredentialScope } from './wire/signature';
import type { World } from './world';

interface Target {
  service: ServiceName;
  operation: string;
  input: Record<string, unknown>;
}

/** Understands a request and opens its line in the journal. */
export function readCall(
  world: World,
  sequence: number,
  request: IncomingMessage,
  rawBody: string,
): Call {
  const { headers } = request;
  const scope = readCredentialScope(headers.authorization);
  const { service, operation, input } = readTarget(request, rawBody);
  const region = scope?.region ?? '';
  const callerAccountId = accountOfAccessKey(world, scope?.accessKeyId ?? '');
  const invocationId = headers['amz-sdk-invocation-id'];
  const entry: JournalEntry = {
    sequence,
    time: world.now(),
    service,
    operation,
    region,
    callerAccountId,
    status: 0,
    committed: false,
    ...(typeof invocationId === 'string' && { invocationId }),
  };
  return { service, operation, scope, region, callerAccountId, input, rawBody, entry };
}

/** A request of no known service goes on as one of Organizations with an operation nobody knows. */
function readTarget({ headers, method, url }: IncomingMessage, rawBody: string): Target {
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    const form = readForm(rawBody);
    const service = readCredentialScope(headers.authorization)?.service === 'iam' ? 'iam' : 'sts';
    return { service, operation: form['Action'] ?? '', input: form };
  }
  const rest = headers['x-amz-target'] === undefined && restOperation(method ?? '', url ?? '');
  if (rest) return { service: 'account', operation: rest, input: readJson(rawBody) };
  const target = String(headers['x-amz-target'] ?? `${method} ${url}`);
  const dot = target.indexOf('.');
  const service = TARGET_PREFIXES[target.slice(0, dot)];
  const operation = service ? target.slice(dot + 1) : target;
  return { service: service ?? 'organizations', operation, input: readJson(rawBody) };
}

/** What is no JSON object has no members; the schema of the operation says what is missing. */
function readJson(rawBody: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(rawBody || '{}');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
