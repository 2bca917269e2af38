import { isDeepStrictEqual } from 'node:util';
import type { VendRequest } from '../contract';

/** In these a request is another one; in all others it is merely told. */
const IDENTITY = ['email', 'kind', 'accountName', 'organizationId'] as const;

export interface Comparison {
  /** Fields of the identity that differ. */
  conflicts: string[];
  /** Other fields that differ. */
  changed: string[];
}

/**
 * Compares a request with one that is there. `before` is that one as it was first given and as it
 * stands after amendments: what equals either is equal.
 */
export function compareRequests(
  request: VendRequest,
  before: readonly (VendRequest | undefined)[],
): Comparison {
  const known = before.filter((earlier) => earlier !== undefined);
  const names = new Set([request, ...known].flatMap((each) => Object.keys(each)));
  const differing = [...names].filter(
    (name) =>
      !known.some((earlier) => isDeepStrictEqual(field(request, name), field(earlier, name))),
  );
  const isIdentity = (name: string) => IDENTITY.some((one) => one === name);
  return {
    conflicts: differing.filter(isIdentity),
    changed: differing.filter((name) => !isIdentity(name)).sort(),
  };
}

function field(request: VendRequest, name: string): unknown {
  const value = (request as unknown as Record<string, unknown>)[name];
  if (name === 'email' && typeof value === 'string') return value.toLowerCase();
  if (name === 'kind') return value ?? 'standard';
  return value;
}
