import { isRequestId } from '../../contract';
import type { ManifestDefaults, VendRequest } from '../../contract';
import { isBlank, isObject, isTemporalId } from '../shape';

/** So many accounts one manifest, and one batch, may hold. */
export const MOST_ACCOUNTS = 5_000;

/** Temporal takes 2 MB as one message; what a batch hands on when it continues as new is one, too. */
export const MOST_CARRIED_BYTES = 1_800_000;
/** Each account takes some more there. */
export const MOST_MANIFEST_BYTES = 1_300_000;

/** A request with the manifest's defaults: its own fields win as a whole, and tags are joined. */
export function withDefaults(request: VendRequest, defaults?: ManifestDefaults): VendRequest {
  if (!defaults) return request;
  const merged = { ...defaults, ...request };
  if (!isObject(defaults.tags) || !isObject(request.tags)) return merged;
  return { ...merged, tags: { ...defaults.tags, ...request.tags } };
}

/**
 * Why a batch cannot take a message; undefined where it can. It checks what the batch itself needs:
 * whatever else is wrong with an account, its vend says.
 */
export function applyProblem(given: unknown): string | undefined {
  if (!isObject(given)) return 'must be an object with name and accounts';
  const { name, accounts, defaults, restart, there, requestedBy } = given;
  if (!isRequestId(name)) return 'name must be 1-63 lower-case letters, digits and hyphens';
  if (!Array.isArray(accounts)) return 'accounts must be a list of requests';
  if (accounts.length > MOST_ACCOUNTS) {
    return `accounts has ${accounts.length} entries; at most ${MOST_ACCOUNTS}, so split it`;
  }
  if (defaults !== undefined && !isObject(defaults)) return 'defaults must be an object';
  const named = restartProblem(restart) ?? thereProblem(there);
  if (named) return named;
  if (requestedBy !== undefined && !isWho(requestedBy)) {
    return 'requestedBy must be a name of 1-100 characters, and no e-mail address: it stands in memos';
  }
  const seen = new Set<string>();
  for (const [index, entry] of (accounts as unknown[]).entries()) {
    const requestId = isObject(entry) ? entry['requestId'] : undefined;
    if (!isRequestId(requestId)) {
      return `accounts[${index}].requestId must be 1-63 lower-case letters, digits and hyphens`;
    }
    if (seen.has(requestId)) return `accounts[${index}].requestId is there twice`;
    seen.add(requestId);
  }
  return undefined;
}

function restartProblem(restart: unknown): string | undefined {
  if (restart === undefined) return undefined;
  if (!Array.isArray(restart) || !restart.every(isRequestId)) {
    return 'restart must be a list of request IDs';
  }
  return restart.length > MOST_ACCOUNTS ? `restart has more than ${MOST_ACCOUNTS} ids` : undefined;
}

/** As Temporal takes them: what is no text makes every call fail that has it. */
const WORKFLOW_ID = /^\P{C}+$/u;

function thereProblem(there: unknown): string | undefined {
  if (there === undefined) return undefined;
  if (!isObject(there)) return 'there must be an object of workflow ids by request ID';
  const entries = Object.entries(there);
  if (entries.length > MOST_ACCOUNTS) {
    return `there has ${entries.length} entries; at most ${MOST_ACCOUNTS}`;
  }
  const isGood = ([requestId, workflowId]: [string, unknown]) =>
    isRequestId(requestId) && isTemporalId(workflowId) && WORKFLOW_ID.test(workflowId);
  // None is quoted: what is no request ID may be an address.
  const wrong = entries.findIndex((entry) => !isGood(entry));
  if (wrong < 0) return undefined;
  return `there, entry ${wrong + 1}, must have a request ID and a workflow id of 1-1000 bytes`;
}

/** Memos are seen by more people than the request. */
export function isWho(value: unknown): value is string {
  return typeof value === 'string' && !isBlank(value) && /^[^@]{1,100}$/.test(value);
}
