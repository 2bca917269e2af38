import { createHash } from 'node:crypto';
import type { VendRequest, VendResult } from '../contract';

/** Ids that AWS would have given: the same for the same request, so that a test can rely on them. */
export const FAKE_ORGANIZATION_ID = 'o-fakevending';
export const FAKE_ROOT_ID = 'r-fake';

/** The account of a request. */
export interface FakeAccount {
  accountId: string;
  govCloudAccountId?: string;
}

export function accountOf(
  request: VendRequest,
  given: Pick<Partial<VendResult>, 'accountId' | 'govCloudAccountId'>,
): FakeAccount {
  const { requestId, existingAccountId, kind } = request;
  const accountId = given.accountId ?? existingAccountId ?? digits(requestId);
  if (kind !== 'govcloud') return { accountId };
  return { accountId, govCloudAccountId: given.govCloudAccountId ?? digits(`${requestId} gov`) };
}

/** An id as it is, and a made-up one for a path of names. */
export function unitOf(organizationalUnit: string | undefined): string {
  if (organizationalUnit === undefined) return FAKE_ROOT_ID;
  return /^(?:ou|r)-/.test(organizationalUnit)
    ? organizationalUnit
    : `ou-fake-${hash(organizationalUnit).slice(0, 8)}`;
}

function digits(text: string): string {
  const number = BigInt(`0x${hash(text).slice(0, 12)}`) % 900_000_000_000n;
  return String(number + 100_000_000_000n);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
