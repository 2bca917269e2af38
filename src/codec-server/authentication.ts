import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** How somebody has shown that they may read. */
type Shown = 'token' | 'session' | 'not asked for';

const COOKIE = 'vend_codec';
const SESSION_S = 12 * 60 * 60;

/** Who may have payloads decrypted. */
export interface Authentication {
  /** Undefined where a request may not. */
  check(request: IncomingMessage): Shown | undefined;
  isToken(given: string): boolean;
  /** `Set-Cookie` for a browser that has given the token. */
  openSession(): string;
  closeSession(): string;
}

/**
 * A token, shown in each request or once on the sign-in page. A session is a time signed with the token: it
 * holds over restarts and on each of several servers, and a new token ends all.
 * @param isSecure whether browsers come by https
 */
export function byToken(token: string, { isSecure }: { isSecure: boolean }): Authentication {
  const isToken = (given: string) => areEqual(given, token);
  const sign = (until: string) =>
    createHmac('sha256', token).update(`codec session ${until}`).digest('base64url');
  const isSession = (value: string) => {
    const [until = '', signature = ''] = value.split('.');
    return areEqual(signature, sign(until)) && Number(until) > nowS();
  };
  const cookie = (value: string, seconds: number) =>
    [
      `${COOKIE}=${value}`,
      `Max-Age=${seconds}`,
      'Path=/',
      'HttpOnly',
      'SameSite=Strict',
      ...(isSecure ? ['Secure'] : []),
    ].join('; ');
  return {
    isToken,
    check({ headers }) {
      const [, bearer] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
      if (bearer !== undefined && isToken(bearer)) return 'token';
      return cookiesOf(headers.cookie ?? '').some(isSession) ? 'session' : undefined;
    },
    openSession() {
      const until = String(nowS() + SESSION_S);
      return cookie(`${until}.${sign(until)}`, SESSION_S);
    },
    closeSession: () => cookie('', 0),
  };
}

/** For this machine alone. */
export const NOT_ASKED_FOR: Authentication = {
  check: () => 'not asked for',
  isToken: () => false,
  openSession: () => '',
  closeSession: () => '',
};

/** In a time that tells nothing of what is right. */
function areEqual(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

function cookiesOf(header: string): string[] {
  return header
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${COOKIE}=`))
    .map((part) => part.slice(COOKIE.length + 1));
}

function nowS(): number {
  return Math.floor(Date.now() / 1_000);
}
