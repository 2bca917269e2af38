import { isDeepStrictEqual } from 'node:util';
import type { Client } from '@temporalio/client';
import type { VendRequest } from '../contract';
import { identityConflicts, identityOf } from '../domain/earlier-run';
import type { WhichAccount } from '../domain/earlier-run';
import type { VendRef } from './find-started';
import { amendedRequests, startedRequests } from './request-of';

export interface Comparison {
  /** Fields of the identity that differ. */
  conflicts: string[];
  /** Other fields that differ. */
  changed: string[];
}

/**
 * Compares a request with one that is there. `known` is that one as it was first given and as it
 * stands after amendments: what equals any is equal.
 */
export function compareRequests(request: VendRequest, known: readonly VendRequest[]): Comparison {
  const identity = Object.keys(identityOf(request));
  const names = new Set([request, ...known].flatMap((each) => Object.keys(each)));
  const changed = [...names].filter(
    (name) =>
      !identity.includes(name) &&
      !known.some((earlier) => isDeepStrictEqual(field(request, name), field(earlier, name))),
  );
  return { conflicts: identityConflicts(request, known), changed: changed.sort() };
}

function field(request: VendRequest, name: string): unknown {
  return (request as unknown as Record<string, unknown>)[name];
}

/** Compares a request with the vend that is there, running or completed. */
export function compareWithVend(
  client: Client,
  there: VendRef,
  request: VendRequest,
): Promise<Comparison> {
  return compareUntil(
    client,
    there,
    request,
    ({ conflicts, changed }) => conflicts.length + changed.length === 0,
  );
}

/** The fields of the identity alone in which a request is another one than the vend that is there. */
export async function conflictsWithVend(
  client: Client,
  there: VendRef,
  which: WhichAccount,
): Promise<string[]> {
  const request = { ...which, requestId: there.requestId };
  const isSame = ({ conflicts }: Comparison) => conflicts.length === 0;
  return (await compareUntil(client, there, request, isSame)).conflicts;
}

/** The worker is asked only where it is not the same as it was first given. */
async function compareUntil(
  client: Client,
  there: VendRef,
  request: VendRequest,
  isSame: (comparison: Comparison) => boolean,
): Promise<Comparison> {
  const started = await startedRequests(client, there);
  const before = compare(request, there, started);
  if (isSame(before)) return before;
  return compare(request, there, [...started, ...(await amendedRequests(client, there))]);
}

/** The account id says as much. */
const OF_ACCOUNT = new Set(['existingAccountId', 'organizationId']);

/**
 * A unit given by its id is where the account stands already; and `existingAccountId` that names the
 * vend's own account brings in what is ours.
 */
function compare(
  request: VendRequest,
  { accountId, organizationalUnitId }: VendRef,
  before: readonly VendRequest[],
): Comparison {
  const { conflicts, changed } = compareRequests(request, before);
  const isOurs = request.existingAccountId !== undefined && request.existingAccountId === accountId;
  const isThere = request.organizationalUnit === organizationalUnitId;
  const counts = (name: string) =>
    !(name === 'organizationalUnit' && isThere) &&
    !(isOurs && (OF_ACCOUNT.has(name) || !Object.hasOwn(request, name)));
  return { conflicts: conflicts.filter(counts), changed: changed.filter(counts) };
}
