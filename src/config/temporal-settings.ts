import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import {
  loadClientConfigProfile,
  toClientOptions,
  type ClientConfigProfile,
  type loadClientConnectConfig,
} from '@temporalio/envconfig';
import { checkedAddress } from './temporal-address';

/** What Temporal's standard environment and profile say: where it is, and how to be let in. */
export type TemporalSettings = ReturnType<typeof loadClientConnectConfig>;

/** Throws where a profile is named that is not there, where a file cannot be read, or where it makes no sense. */
export function temporalSettings(env: NodeJS.ProcessEnv): TemporalSettings {
  const given = readProfile(env);
  const { address } = given;
  const profile = address ? { ...given, address: checkedAddress(address) } : given;
  checkKey('TEMPORAL_API_KEY (api_key of a profile)', profile.apiKey);
  for (const [name, value] of Object.entries(profile.grpcMeta ?? {})) {
    checkKey(`TEMPORAL_GRPC_META_… ${name} (grpc_meta of a profile)`, value);
  }
  if (profile.tls && profile.tls.disabled !== true) checkTls(profile.tls);
  return toClientOptions(profile);
}

function readProfile(env: NodeJS.ProcessEnv): ClientConfigProfile {
  const given = Object.entries(env).filter((entry): entry is [string, string] => !!entry[1]);
  const overrideEnvVars = Object.fromEntries(given);
  // The SDK takes a file that is not there for none: a typing error would lead to another server.
  const file = overrideEnvVars['TEMPORAL_CONFIG_FILE'];
  if (file !== undefined && !existsSync(file)) {
    throw new Error(`TEMPORAL_CONFIG_FILE names ${file}, which is not there`);
  }
  try {
    return loadClientConfigProfile({ overrideEnvVars });
  } catch (error) {
    throwPlaceInToml(error, file);
    // SDK 1.24: a file without any profile, such as an empty one, ends in a TypeError.
    const namesProfile = overrideEnvVars['TEMPORAL_PROFILE'] !== undefined;
    if (!(error instanceof TypeError) || namesProfile) throw error;
    return loadClientConfigProfile({ overrideEnvVars, disableFile: true });
  }
}

/** The parser repeats the lines around a fault in its message, among which may be an API key: so it is no cause. */
function throwPlaceInToml(error: unknown, file: string | undefined): void {
  if (!(error instanceof Error) || !('codeblock' in error)) return;
  const { line, column } = error as Error & { line?: unknown; column?: unknown };
  const named = file ?? "Temporal's temporal.toml (TEMPORAL_CONFIG_FILE names another one)";
  throw new Error(`${named} is no TOML at line ${String(line)}, column ${String(column)}`);
}

/** gRPC refuses what no header may hold, and repeats it in its message; it is a secret. */
function checkKey(name: string, value: string | undefined): void {
  if (value === undefined || /^[\x20-\x7e]*$/.test(value)) return;
  throw new Error(
    `${name} has a character that no header may hold, such as a line break at its end; take it out`,
  );
}

type Tls = NonNullable<ClientConfigProfile['tls']>;

const VARIABLES = {
  serverCACert: 'TEMPORAL_TLS_SERVER_CA_CERT',
  clientCert: 'TEMPORAL_TLS_CLIENT_CERT',
  clientKey: 'TEMPORAL_TLS_CLIENT_KEY',
} as const;

/** Before the SDK takes it: that drops a certificate without its key, and of the rest says that nobody answers. */
function checkTls(tls: Tls): void {
  const { clientCert, clientKey } = tls;
  if ((clientCert === undefined) !== (clientKey === undefined)) {
    const [given, missing] = clientCert ? ['CERT', 'KEY'] : ['KEY', 'CERT'];
    throw new Error(
      `TEMPORAL_TLS_CLIENT_${given}_PATH (or _DATA, or a profile's) is given without TEMPORAL_TLS_CLIENT_${missing}_PATH; give both`,
    );
  }
  const ca = read(tls, 'serverCACert');
  const [cert, key] = [read(tls, 'clientCert'), read(tls, 'clientKey')];
  if (ca) checkPem('serverCACert', 'is no certificate in PEM', () => new X509Certificate(ca));
  if (!cert || !key) return;
  checkPem('clientCert', 'is no certificate in PEM', () => new X509Certificate(cert));
  checkPem('clientKey', 'is no key in PEM that goes without a password', () =>
    createPrivateKey(key),
  );
  checkPem('clientKey', 'is not the key of the certificate', () =>
    createSecureContext({ cert, key }),
  );
}

function read(tls: Tls, field: keyof typeof VARIABLES): Buffer | undefined {
  const source = tls[field];
  if (source === undefined) return undefined;
  if (!('path' in source)) return Buffer.from(source.data ?? '');
  const file = source.path ?? '';
  try {
    return readFileSync(file);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new Error(
      `${VARIABLES[field]}_PATH (or a profile's) names ${file}, which cannot be read (${why})`,
      { cause: error },
    );
  }
}

/** What OpenSSL says is not passed on: it helps nobody. */
function checkPem(field: keyof typeof VARIABLES, fault: string, parse: () => unknown): void {
  try {
    parse();
  } catch {
    throw new Error(`what ${VARIABLES[field]}_PATH (or _DATA, or a profile's) gives ${fault}`);
  }
}
