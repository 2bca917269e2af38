import { startCodecServer } from '../../codec-server';
import { KEYS_FILE_VARIABLE, KEYS_VARIABLE, newEncryptionKey } from '../../encryption';
import {
  codecServerSettings,
  SHORTEST_TOKEN,
  TOKEN_FILE_VARIABLE,
  TOKEN_VARIABLE,
  type CodecServerSettings,
} from '../codec-server-settings';
import { repeated, subcommand, type Cli, type CommonOptions } from '../command';
import { usable } from '../encryption-keys';
import { CommandError, ExitStatus } from '../errors';
import { interrupted, onInterrupt } from '../interrupt';
import { print, printJson } from '../io';

type CodecServerFlags = CommonOptions & CodecServerSettings & { newKey?: string };

export function codecServerCommand(cli: Cli) {
  return subcommand(cli, 'codec-server', {
    description:
      "Shows what is encrypted to those who may read it: for Temporal's Web UI and command line, until Ctrl-C.",
    examples: [
      'codec-server --new-key 2026-11',
      'codec-server --ui-origin http://localhost:8233 --no-auth',
      'codec-server --host 0.0.0.0 --port 8888 --ui-origin https://temporal.example.com --public-url https://codec.example.com',
    ],
  })
    .option('--port <number>', 'port to listen on; 0: a free one', '8888')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option(
      '--ui-origin <url>',
      'a Web UI that may ask, as browsers name it: https://host[:port]; again for each',
      repeated,
    )
    .option(
      '--public-url <url>',
      'how browsers reach it, where a proxy stands before it: https://host[:port]',
    )
    .option('--no-auth', 'ask nobody who they are: on this machine alone')
    .option('--new-key <id>', 'print a new key and end')
    .addHelpText(
      'after',
      `
Environment:
  ${KEYS_VARIABLE}       the worker's keys: id:base64-of-32-bytes, separated by commas
  ${KEYS_FILE_VARIABLE}  or a file with one a line
  ${TOKEN_VARIABLE}           what everybody must show: at least ${SHORTEST_TOKEN} characters
  ${TOKEN_FILE_VARIABLE}      or a file that holds it`,
    )
    .action(async (options: CodecServerFlags) => {
      if (options.newKey === undefined) await serve(cli, options);
      else printKey(cli, options.newKey, options.json);
    });
}

function printKey({ io }: Cli, id: string, json: boolean | undefined): void {
  const key = usable(() => newEncryptionKey(id));
  if (json) printJson(io, { id, key });
  else print(io.stdout, key);
}

async function serve({ io }: Cli, options: CodecServerFlags): Promise<void> {
  const settings = codecServerSettings(options, io.env);
  const log = (line: string) => print(io.stderr, `${new Date().toISOString()} ${line}`);
  const server = await startCodecServer({ ...settings, log }).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(ExitStatus.invalid, `The codec server cannot start: ${why}`);
  });
  const interrupt = onInterrupt();
  try {
    const { url } = server;
    const { uiOrigins, publicOrigin, codec } = settings;
    const endpoint = publicOrigin ?? asOneSite(url, uiOrigins);
    const { keyIds } = codec;
    if (options.json) printJson(io, { url, endpoint, keyIds, uiOrigins });
    else {
      const token = tokenInShell(io.env);
      print(io.stdout, ...opening({ url, endpoint, keyIds, uiOrigins, token, options }));
    }
    await interrupted(interrupt);
  } finally {
    interrupt.release();
    await server.close();
  }
}

/** `localhost` and `127.0.0.1` are two sites to a browser: the cookie of one is not sent to the other. */
function asOneSite(url: string, [uiOrigin]: readonly string[]): string {
  const isLocalhost = uiOrigin !== undefined && new URL(uiOrigin).hostname === 'localhost';
  return isLocalhost ? url.replace('//127.0.0.1:', '//localhost:') : url;
}

function tokenInShell(env: NodeJS.ProcessEnv): string {
  const isInFile = env[TOKEN_FILE_VARIABLE] !== undefined;
  return isInFile ? `$(cat "$${TOKEN_FILE_VARIABLE}")` : `$${TOKEN_VARIABLE}`;
}

function opening(it: {
  url: string;
  endpoint: string;
  keyIds: readonly string[];
  uiOrigins: readonly string[];
  /** What a shell makes the token of. */
  token: string;
  options: CodecServerFlags;
}): string[] {
  const [first, ...others] = it.keyIds;
  const auth = it.options.auth ? ` --codec-auth "Bearer ${it.token}"` : '';
  return [
    `The codec server listens on ${it.url}.`,
    `  keys      ${first} encrypts${others.length > 0 ? `; ${others.join(', ')} only decrypts` : ''}`,
    `  Web UIs   ${it.uiOrigins.join(', ') || 'none: give each with --ui-origin'}`,
    `  asks for  ${it.options.auth ? `the token; people sign in at ${it.endpoint}` : 'nothing (--no-auth)'}`,
    `In the Web UI: codec settings at the top, endpoint ${it.endpoint}${it.options.auth ? ', with "Include cross-origin credentials"' : ''}.`,
    `In a terminal: temporal workflow show -w vend-… --codec-endpoint ${it.endpoint}${auth}`,
    'Ctrl-C ends it.',
  ];
}
