import type { IncomingMessage, ServerResponse } from 'node:http';
import type { EncryptionCodec } from '../encryption';
import type { Authentication } from './authentication';
import { decode, encode } from './convert';
import { readPayloads } from './payload-json';
import { signInPage, type SignInState } from './sign-in-page';

/** Temporal takes 4 MB in one message; in base64, and some JSON around it. */
const LARGEST_BODY = 8 * 1024 * 1024;
const LARGEST_FORM = 8 * 1024;

/** What the Web UI sends besides the payloads. */
const UI_HEADERS = 'content-type, x-namespace, authorization, authorization-extras';

export interface Parts {
  codec: EncryptionCodec;
  authentication: Authentication;
  /** Origins of Web UIs. */
  uiOrigins: readonly string[];
  /** Its own, where a proxy stands before it: that may hand on another `Host` than browsers sent. */
  publicOrigin: string | undefined;
  /** Told what was asked and how it ended: no payload, and no token. */
  log: (line: string) => void;
}

/** An answer that is no success, with a sentence for whoever asked. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export async function handle(
  parts: Parts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [pathname = '/'] = (request.url ?? '/').split('?');
  const name = pathname.split('/').at(-1) ?? '';
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  try {
    if (pathname === '/healthz') json(response, 200, { ok: true });
    else if (name === 'encode' || name === 'decode') await convert(parts, name, request, response);
    else await signIn(parts, pathname, request, response);
  } catch (error) {
    const { status, message } =
      error instanceof Refusal ? error : new Refusal(500, 'The codec server failed.');
    // What is left of a body that is too large is not waited for.
    if (status === 413) response.setHeader('Connection', 'close');
    if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
    if (status === 405) response.setHeader('Allow', 'POST');
    const why = error instanceof Refusal ? '' : ` ${error instanceof Error ? error.name : 'error'}`;
    parts.log(`${isKnown(name) ? name : 'other'} ${status}${why}`);
    json(response, status, { error: message });
  }
}

/** What else stands in an address may be anything, a token too: it is not logged. */
function isKnown(name: string): boolean {
  return ['encode', 'decode', 'sign-in', 'sign-out'].includes(name);
}

/** A path before `/encode` and `/decode` is allowed: endpoints may hold the namespace. */
async function convert(
  { codec, authentication, uiOrigins, log }: Parts,
  name: 'encode' | 'decode',
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { origin } = request.headers;
  response.setHeader('Vary', 'Origin');
  if (origin !== undefined) {
    if (!uiOrigins.includes(origin)) {
      throw new Refusal(403, 'This origin is not one of those given with --ui-origin.');
    }
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Access-Control-Allow-Credentials', 'true');
  }
  if (request.method === 'OPTIONS') {
    response.setHeader('Access-Control-Allow-Methods', 'POST');
    response.setHeader('Access-Control-Allow-Headers', UI_HEADERS);
    response.setHeader('Access-Control-Max-Age', '600');
    response.writeHead(204).end();
    return;
  }
  if (request.method !== 'POST') throw new Refusal(405, `/${name} takes POST.`);
  const shown = authentication.check(request);
  if (!shown) {
    throw new Refusal(401, 'Give the token as "Authorization: Bearer …", or sign in at /.');
  }
  const payloads = readPayloads(await readBody(request, LARGEST_BODY));
  if (!payloads) throw new Refusal(400, 'The body must be {"payloads": […]} as Temporal sends it.');
  const { payloads: converted, unreadable } =
    name === 'encode' ? await encode(codec, payloads) : decode(codec, payloads);
  for (const reason of unreadable) log(`${name}: ${reason}`);
  log(`${name} 200, ${payloads.length} payloads (${shown})`);
  json(response, 200, { payloads: converted });
}

async function signIn(
  { authentication, publicOrigin, log }: Parts,
  pathname: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const shown = authentication.check(request);
  const state: SignInState = shown === 'not asked for' ? shown : shown ? 'signed in' : 'signed out';
  if (pathname === '/' && request.method === 'GET') {
    page(response, 200, state);
    return;
  }
  const isForm = pathname === '/sign-in' || pathname === '/sign-out';
  if (!isForm || state === 'not asked for') throw new Refusal(404, 'There is nothing here.');
  if (request.method !== 'POST') throw new Refusal(405, `${pathname} takes POST.`);
  if (!isOwnForm(request, publicOrigin)) throw new Refusal(403, notOwn(publicOrigin));
  if (pathname === '/sign-in') {
    const form = new URLSearchParams(await readBody(request, LARGEST_FORM));
    if (!authentication.isToken(form.get('token')?.trim() ?? '')) {
      log('sign-in 401');
      page(response, 401, 'refused');
      return;
    }
    response.setHeader('Set-Cookie', authentication.openSession());
  } else {
    response.setHeader('Set-Cookie', authentication.closeSession());
  }
  log(`${pathname.slice(1)} 303`);
  response.writeHead(303, { Location: '/' }).end();
}

function isOwnForm({ headers: { origin, host } }: IncomingMessage, own?: string): boolean {
  if (origin === undefined) return true;
  if (own !== undefined) return origin === own;
  return URL.canParse(origin) && new URL(origin).host === host;
}

function notOwn(own: string | undefined): string {
  const where = own ? `Sign in at ${own}.` : 'Behind a proxy this server needs --public-url.';
  return `The form of another page is not taken. ${where}`;
}

async function readBody(request: IncomingMessage, largest: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largest) throw new Refusal(413, `At most ${largest} bytes are taken.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function json(response: ServerResponse, status: number, document: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(document));
}

function page(response: ServerResponse, status: number, state: SignInState): void {
  response
    .writeHead(status, {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy':
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
      // With no-referrer browsers send its own form with the origin "null".
      'Referrer-Policy': 'same-origin',
    })
    .end(signInPage(state));
}
