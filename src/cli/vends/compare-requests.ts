import { isDeepStrictEqual } from 'node:util';
import type { VendRequest } from '../../contract';
import { identityConflicts, identityOf } from '../../domain/earlier-run';

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
