import { createHash } from 'node:crypto';
import { fromNodeProviderChain, fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { PlugIn } from './observe';

/** A role, and what its trust policy may ask for. */
export interface RoleToAssume {
  roleArn: string;
  externalId?: string | undefined;
}

/** What gives credentials: the SDK's own chain, or a role. */
export type Credentials = ReturnType<typeof fromNodeProviderChain>;
type Identity = Awaited<ReturnType<Credentials>>;

/** What is not of one vend: reads, the gate, the watches and commands. */
export const COMMON_SESSION = 'account-vending';

const LONGEST_SESSION_NAME = 64;

/**
 * How CloudTrail names what is done for a vend: `vend-<requestId>`. AWS takes 64 characters, so a
 * long request ID is cut, and a hash tells it apart from others that begin the same.
 */
export function vendSession(requestId: string): string {
  const name = `vend-${requestId}`;
  if (name.length <= LONGEST_SESSION_NAME) return name;
  const hash = createHash('sha256').update(requestId).digest('hex').slice(0, 8);
  return `${name.slice(0, LONGEST_SESSION_NAME - hash.length - 1)}-${hash}`;
}

/** The SDK's own chain, asked once for all that build on it. */
export function ownCredentials(): Credentials {
  let endless: Identity | undefined;
  return shared(async (context) => {
    // A chain of the SDK remembers what has no end, and the files that it has read.
    const chain = fromNodeProviderChain({ ignoreCache: true });
    const found = await chain(context).catch((error: unknown) => {
      if (endless) return endless;
      throw error;
    });
    endless = found.expiration ? undefined : found;
    return endless ? { ...endless, expiration: new Date(Date.now() + LOOKED_AT_MS) } : found;
  });
}

/**
 * Credentials that do not say when they end may be renewed where they stand, in a file say: they are
 * taken again before so long.
 */
const LOOKED_AT_MS = 10 * 60_000;

/** Credentials of a role, renewed before they expire: one AssumeRole, however many clients use them. */
export function assumed(
  role: RoleToAssume,
  how: {
    /** What assumes it. */
    by: Credentials;
    sessionName?: string;
    /** Of the client that asks STS: of the Region whose partition the role is in, which may be the only one in reach. */
    clientConfig: {
      region: string | (() => Promise<string>);
      endpoint?: string;
      maxAttempts?: number;
    };
    /** Of the client that assumes it. */
    plugIns?: PlugIn[];
  },
): Credentials {
  return shared(
    fromTemporaryCredentials({
      params: {
        RoleArn: role.roleArn,
        RoleSessionName: how.sessionName ?? COMMON_SESSION,
        ...(role.externalId ? { ExternalId: role.externalId } : {}),
      },
      masterCredentials: how.by,
      clientConfig: how.clientConfig,
      clientPlugins: how.plugIns ?? [],
    }),
  );
}

/** The SDK renews at the same moment. */
const RENEWED_BEFORE_MS = 5 * 60_000;

/** So soon a renewal that failed is tried again, as long as the old credentials are good. */
const RENEWED_AGAIN_MS = 30_000;

/** Each client of the SDK remembers credentials for itself alone, and would ask for its own. */
function shared(ask: Credentials): Credentials {
  let known: Identity | undefined;
  let asking: Promise<Identity> | undefined;
  let restsUntilMs = 0;
  return async (context) => {
    const isResting = Date.now() < restsUntilMs;
    if (known && !isOver(known, isResting ? 0 : RENEWED_BEFORE_MS)) return known;
    asking ??= ask(context)
      .then((fresh) => (known = fresh))
      .catch((error: unknown) => {
        // Who gives them may be away for a moment: that is no reason to stand still.
        if (!known || isOver(known)) throw error;
        restsUntilMs = Date.now() + RENEWED_AGAIN_MS;
        return known;
      })
      .finally(() => {
        asking = undefined;
      });
    return asking;
  };
}

function isOver({ expiration }: Identity, inMs = 0): boolean {
  return expiration !== undefined && expiration.getTime() - Date.now() < inMs;
}
