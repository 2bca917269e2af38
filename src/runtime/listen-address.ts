import { isIP } from 'node:net';
import { StartProblem } from './start-problem';

/** Where a server of the worker listens. */
export interface ListenAddress {
  host: string;
  port: number;
}

const HERE = '127.0.0.1';
const FORM = /^(?:(?:\[(?<six>[^\]]+)\]|(?<host>[^:]*)):)?(?<port>\d{1,5})$/;

/** `PORT` or `IP:PORT`; on this machine only unless told. Undefined where the variable is not set. */
export function listenAddress(env: NodeJS.ProcessEnv, variable: string): ListenAddress | undefined {
  const text = env[variable]?.trim();
  if (!text) return undefined;
  const { six, host: given, port } = FORM.exec(text)?.groups ?? {};
  const host = six ?? (given === undefined || given === 'localhost' ? HERE : given);
  const isPort = Number(port) >= 1 && Number(port) <= 65_535;
  if (isIP(host) === 0 || !isPort) {
    throw new StartProblem(
      `${variable} is ${text}, and must be a port (9464: on this machine only) or an IP address and a port (0.0.0.0:9464).`,
      2,
    );
  }
  return { host, port: Number(port) };
}

export function addressText({ host, port }: ListenAddress): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
