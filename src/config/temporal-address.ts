import { isIPv6 } from 'node:net';

/** Where Temporal listens, unless it is told otherwise. */
const DEFAULT_PORT = 7233;

export interface Endpoint {
  /** As a socket takes it: an IPv6 address without its brackets. */
  host: string;
  port: number;
}

/**
 * Reads `host`, `host:port` or `[IPv6]:port`, which is what the SDK takes. Of others it says no more than
 * that nobody answers.
 */
export function endpointOf(address: string): Endpoint | { fault: string } {
  if (/\s/.test(address)) return { fault: 'has white space in it' };
  if (address.includes('@')) return { fault: 'has a user in it' };
  if (/[/?#]/.test(address)) return { fault: 'has more in it than a host and a port' };
  const { inBrackets, name, port } =
    /^(?:\[(?<inBrackets>[^\]]*)\]|(?<name>[^:[\]]*))(?::(?<port>.*))?$/.exec(address)?.groups ??
    {};
  const host = inBrackets ?? name;
  if (host === undefined || port?.includes(':')) {
    return { fault: 'has several colons, and only an IPv6 address in brackets may' };
  }
  if (host === '') return { fault: 'has no host' };
  if (inBrackets !== undefined && !isIPv6(inBrackets)) {
    return { fault: 'has something in brackets that is no IPv6 address' };
  }
  if (port === undefined) return { host, port: DEFAULT_PORT };
  if (/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535) {
    return { host, port: Number(port) };
  }
  return { fault: 'has a port that is no number from 1 to 65535' };
}

/** The address with its port; throws what is wrong with it, and what to write. */
export function checkedAddress(address: string): string {
  const endpoint = endpointOf(address);
  if (!('fault' in endpoint)) {
    const { host, port } = endpoint;
    return `${host.includes(':') ? `[${host}]` : host}:${port}`;
  }
  // What stands before an @ may be a password.
  const shown = address.includes('@') ? '' : ` is ${JSON.stringify(address)}, which`;
  throw new Error(
    `TEMPORAL_ADDRESS (address of a profile)${shown} ${endpoint.fault}; write HOST:PORT, such as localhost:${DEFAULT_PORT} or [::1]:${DEFAULT_PORT} (without a port it is ${DEFAULT_PORT})`,
  );
}
