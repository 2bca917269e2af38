import { readFileSync } from 'node:fs';
import {
  encryptionFromEnvironment,
  KEYS_FILE_VARIABLE,
  KEYS_VARIABLE,
  type EncryptionCodec,
} from '../encryption';
import { usable } from './encryption-keys';
import { invalid } from './errors';
import { isLoopback } from './temporal';
import { wholeNumber } from './whole-number';

export interface CodecServerSettings {
  port: string;
  host: string;
  uiOrigin?: string[];
  publicUrl?: string;
  auth: boolean;
}

export const TOKEN_VARIABLE = 'VEND_CODEC_TOKEN';
export const TOKEN_FILE_VARIABLE = 'VEND_CODEC_TOKEN_FILE';
/** Nobody guesses it: there is no limit of attempts. */
export const SHORTEST_TOKEN = 24;

/** What the codec server is started with; throws where it would answer whom it must not. */
export function codecServerSettings(options: CodecServerSettings, env: NodeJS.ProcessEnv) {
  const { host, auth } = options;
  const codec = readCodec(env);
  const token = readToken(env);
  if (auth && token === undefined) {
    throw invalid(
      `Who asks must show a token: set ${TOKEN_VARIABLE} or ${TOKEN_FILE_VARIABLE} (openssl rand -hex 32 makes one). On this machine alone it goes without, with --no-auth.`,
    );
  }
  if (!auth) checkNoAuth(options, token);
  return {
    codec,
    host,
    port: wholeNumber(options.port, '--port', 65_535),
    uiOrigins: (options.uiOrigin ?? []).map(readOrigin),
    token: auth ? token : undefined,
    publicOrigin: readPublicOrigin(options.publicUrl),
  };
}

function checkNoAuth({ host, publicUrl }: CodecServerSettings, token: string | undefined): void {
  if (token !== undefined) {
    throw invalid(`--no-auth and ${TOKEN_VARIABLE} contradict each other: leave out one of them.`);
  }
  if (publicUrl !== undefined) {
    throw invalid('--no-auth is for this machine alone, and --public-url is for others.');
  }
  const isHere = isLoopback(host.includes(':') ? `[${host}]` : host);
  if (!isHere) throw invalid(`--no-auth is for this machine alone, and --host is ${host}.`);
}

function readCodec(env: NodeJS.ProcessEnv): EncryptionCodec {
  const [codec] = usable(() => encryptionFromEnvironment(env)).payloadCodecs;
  if (codec.keyIds.length > 0) return codec;
  throw invalid(
    `There is no key: set ${KEYS_VARIABLE} or ${KEYS_FILE_VARIABLE} as the worker has it. "vend codec-server --new-key ID" makes one.`,
  );
}

function readToken(env: NodeJS.ProcessEnv): string | undefined {
  const [given, file] = [env[TOKEN_VARIABLE], env[TOKEN_FILE_VARIABLE]];
  if (given !== undefined && file !== undefined) {
    throw invalid(`${TOKEN_VARIABLE} and ${TOKEN_FILE_VARIABLE} are both set: unset one of them.`);
  }
  if (given === undefined && file === undefined) return undefined;
  const variable = file === undefined ? TOKEN_VARIABLE : TOKEN_FILE_VARIABLE;
  const token = (given ?? readTokenFile(file ?? '')).trim();
  // As it stands in a header.
  if (/^[\x21-\x7e]+$/.test(token) && token.length >= SHORTEST_TOKEN) return token;
  throw invalid(
    `${variable} must give at least ${SHORTEST_TOKEN} printable characters without a space (openssl rand -hex 32 makes them).`,
  );
}

function readTokenFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw invalid(`${TOKEN_FILE_VARIABLE} names ${file}, which cannot be read (${why}).`);
  }
}

function readOrigin(given: string): string {
  const url = readUrl(given);
  if (url?.origin === given) return given;
  throw invalid(
    `--ui-origin must be as browsers name it: https://host[:port] and nothing behind it.${url ? ` Perhaps ${url.origin}.` : ''}`,
  );
}

/** The page, its cookie and where it goes after signing in are at the root of a host. */
function readPublicOrigin(given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const url = readUrl(given);
  if (url?.href === `${url?.origin}/`) return url.origin;
  throw invalid(
    `--public-url must be https://host[:port] and nothing behind it: people sign in at the root of a host of its own.${url ? ` Perhaps ${url.origin}.` : ''}`,
  );
}

function readUrl(given: string): URL | undefined {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  return url && /^https?:$/.test(url.protocol) ? url : undefined;
}
