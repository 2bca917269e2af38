import { StartProblem } from '../start-problem';

const ENDPOINTS = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'] as const;
const PROTOCOLS = ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'] as const;
const PROTOCOL = 'http/protobuf';

export interface TracingSettings {
  /** Where spans are sent, without what may be secret in it. */
  shown: string;
}

/**
 * Whether traces are sent, by the standard variables of OpenTelemetry: off, unless they say where to.
 * Everything else that they say, OpenTelemetry's own packages read.
 */
export function tracingSettings(env: NodeJS.ProcessEnv): TracingSettings | undefined {
  const endpoint = firstOf(env, ENDPOINTS);
  if (!endpoint || isOff(env)) return undefined;
  const protocol = firstOf(env, PROTOCOLS);
  if (protocol && protocol.value !== PROTOCOL) {
    throw new StartProblem(
      `${protocol.name} is ${protocol.value}, and the worker sends ${PROTOCOL} only. Set it to ${PROTOCOL}, and ${endpoint.name} to the port for it (of a collector: 4318); or OTEL_SDK_DISABLED=true for no traces.`,
      2,
    );
  }
  return { shown: originOf(endpoint) };
}

interface Variable {
  name: string;
  value: string;
}

/** The first that is set; one that is empty counts as not set, as the standard has it. */
function firstOf(env: NodeJS.ProcessEnv, names: readonly string[]): Variable | undefined {
  const all = names.map((name) => ({ name, value: env[name]?.trim() ?? '' }));
  return all.find(({ value }) => value !== '');
}

function isOff(env: NodeJS.ProcessEnv): boolean {
  const isDisabled = env['OTEL_SDK_DISABLED']?.trim().toLowerCase() === 'true';
  return isDisabled || env['OTEL_TRACES_EXPORTER']?.trim() === 'none';
}

/** The exporter itself would send to this machine where it cannot read the address. */
function originOf({ name, value }: Variable): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.origin;
  throw new StartProblem(`${name} must be a URL such as http://collector:4318.`, 2);
}
