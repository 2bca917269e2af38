import { connect } from 'node:net';
import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import { endpointOf, temporalSettings } from '../config';
import { connectionOptionsOf, tlsFault, type TlsFault } from '../connection';
import { encryptionFromEnvironment, unreadableIn } from '../encryption';
import { usable } from './encryption-keys';
import { CommandError, ExitStatus, invalid } from './errors';
import type { Io } from './io';
import { sameKeys } from './same-keys';
import { Grpc, grpcCode } from '../vends/grpc';

/** A connected client, and where it is connected to. */
export interface Temporal {
  client: Client;
  connection: Connection;
  address: string;
  namespace: string;
}

/** Long enough for a handshake over the world, short enough for a person who waits. */
const CONNECT_MS = 5_000;
/** For all that a command asks Temporal besides waiting. */
const CALLS_MS = 30_000;

/**
 * Connects as the environment and the profile say, and closes the connection afterwards.
 * @param how `once`: a call that fails is not repeated, for whoever looks for what is wrong; `connectMs`: how long the
 *   handshake may take
 */
export async function withTemporal<T>(
  io: Io,
  use: (it: Temporal) => Promise<T>,
  { once, connectMs = CONNECT_MS }: { once?: boolean; connectMs?: number } = {},
): Promise<T> {
  const { connectionOptions, namespace = 'default' } = readSettings(io);
  const dataConverter = usable(() => encryptionFromEnvironment(io.env));
  const address = connectionOptions.address ?? 'localhost:7233';
  const where = { address, namespace };
  let connection: Connection;
  if (isLoopback(address) && (await isRefused(address))) throw unreachable(where, undefined);
  try {
    connection = await Connection.connect({
      address,
      connectTimeout: connectMs,
      ...connectionOptionsOf(connectionOptions),
      ...(once ? { interceptors: [] } : {}),
      ...(isLoopback(address) ? { channelArgs: { 'grpc.enable_http_proxy': 0 } } : {}),
    });
  } catch (error) {
    if (isRefusal(error)) throw explain(error, where) ?? error;
    const fault = await tlsFault({ ...connectionOptions, address });
    throw (fault && withoutTls(where, fault)) ?? explain(error, where) ?? unreachable(where, error);
  }
  try {
    const client: Client = new Client({
      connection,
      namespace,
      dataConverter,
      interceptors: { workflow: [sameKeys(dataConverter.payloadCodecs[0], () => client)] },
    });
    return await use({ client, connection, ...where });
  } catch (error) {
    throw explain(error, where) ?? error;
  } finally {
    await connection.close();
  }
}

/** For commands that only ask: nothing of it may take longer than a person waits. */
export function withTemporalBriefly<T>(io: Io, use: (it: Temporal) => Promise<T>): Promise<T> {
  return withTemporal(io, (temporal) =>
    temporal.client.withDeadline(Date.now() + CALLS_MS, () => use(temporal)),
  );
}

function readSettings(io: Io) {
  try {
    return temporalSettings(io.env);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw invalid(
      `The settings for Temporal cannot be used: ${message}. Mend that, or TEMPORAL_PROFILE and TEMPORAL_CONFIG_FILE.`,
    );
  }
}

interface Where {
  address: string;
  namespace: string;
}

/** A fault of the connection in a sentence that says what to do; undefined for all others. */
function explain(error: unknown, where: Where): CommandError | undefined {
  if (error instanceof CommandError) return error;
  const unreadable = unreadableIn(error);
  if (unreadable) {
    return new CommandError(ExitStatus.invalid, `${unreadable.message}.`, { cause: error });
  }
  if (isOutage(error)) return unreachable(where, error);
  if (isRefusal(error)) {
    const message = `Temporal at ${where.address} refuses us in namespace ${where.namespace}. Check TEMPORAL_API_KEY or the TLS settings, and the namespace's permissions.`;
    return new CommandError(ExitStatus.unreachable, message, { cause: error });
  }
  const details = grpcDetails(error);
  if (/namespace .*not found/i.test(details)) {
    const message = `Temporal at ${where.address} has no namespace ${where.namespace}. Set TEMPORAL_NAMESPACE to one that is there, or create it.`;
    return new CommandError(ExitStatus.unreachable, message, { cause: error });
  }
  if (grpcCode(error) === Grpc.INVALID_ARGUMENT && /search attribute/i.test(details)) {
    const message = `Temporal at ${where.address} does not know our search attributes in namespace ${where.namespace} (${details}). Start the worker once: it registers them, or prints the command that does.`;
    return new CommandError(ExitStatus.unreachable, message, { cause: error });
  }
  return undefined;
}

function unreachable({ address, namespace }: Where, cause: unknown): CommandError {
  const message = `Temporal at ${address} (namespace ${namespace}) does not answer. Start it, or set TEMPORAL_ADDRESS to where it is; "vend demo" brings its own.`;
  return new CommandError(ExitStatus.unreachable, message, { cause });
}

function withoutTls({ address }: Where, fault: TlsFault): CommandError {
  const message = `There is no connection to Temporal at ${address}: ${fault.message}. ${fault.fix}`;
  return new CommandError(ExitStatus.unreachable, message, { cause: fault });
}

export function isNotFound(error: unknown): boolean {
  return (
    grpcCode(error) === Grpc.NOT_FOUND ||
    (error instanceof Error && error.name === 'WorkflowNotFoundError')
  );
}

/** Temporal itself is away for the moment, as against an answer that says no. */
export function isOutage(error: unknown): boolean {
  const code = grpcCode(error);
  return code === Grpc.UNAVAILABLE || code === Grpc.DEADLINE_EXCEEDED;
}

/** Temporal is there, and does not let us in. */
export function isRefusal(error: unknown): boolean {
  const code = grpcCode(error);
  return code === Grpc.UNAUTHENTICATED || code === Grpc.PERMISSION_DENIED;
}

function grpcDetails(error: unknown): string {
  if (isGrpcServiceError(error)) return error.details;
  if (!(error instanceof Error)) return '';
  return error.cause === undefined ? error.message : grpcDetails(error.cause);
}

/** An address of this machine. */
export function isLoopback(address: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/.test(address);
}

/** gRPC tries on for its whole time-out; on this machine a closed port is an answer. */
function isRefused(address: string): Promise<boolean> {
  const where = endpointOf(address);
  if ('fault' in where) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect(where);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}
