import type { SimulatorKnobs } from '../knobs';
import type { Answer, Call } from '../wire/call';
import { AwsError } from '../wire/errors';
import { errorAnswer } from '../wire/error-answer';
import type { Fault, InjectedError } from './fault-rule';

const ONE_HOUR_MS = 3_600_000;

function injectedError(error: InjectedError, call: Call, knobs: SimulatorKnobs): Answer {
  const message = error.message ?? 'Injected by a fault rule of the simulator.';
  const { reason, status } = error;
  const thrown = new AwsError(error.name, message, { reason, status });
  return errorAnswer(call.service, thrown, knobs, 'injected');
}

/** A load balancer's page, as it appears when the service behind it is away. */
function htmlAnswer(status = 503): Answer {
  const body = `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>`;
  return { status, contentType: 'text/html', body, headers: {} };
}

/** The answer with what such a fault does to it; faults of the transport leave it as it is. */
export function spoil(answer: Answer, fault: Fault, call: Call, knobs: SimulatorKnobs): Answer {
  switch (fault.kind) {
    case 'error':
      return injectedError(fault.error, call, knobs);
    case 'html':
      return htmlAnswer(fault.status);
    case 'wrong-date': {
      const date = new Date(Date.now() + (fault.shiftMs ?? ONE_HOUR_MS)).toUTCString();
      return { ...answer, headers: { ...answer.headers, Date: date } };
    }
    case 'unknown-enum':
      return changed(answer, (output) => withUnknownEnums(output, fault.value ?? 'NEVER_SEEN'));
    case 'extra-fields':
      return changed(answer, withExtraFields);
    case 'reset':
    case 'cut-body':
    case 'hang':
    case 'delay':
      return answer;
    default:
      return fault satisfies never;
  }
}

const ENUMS = new Set(['State', 'Status', 'RegionOptStatus']);

type Output = Record<string, unknown>;

function changed(answer: Answer, change: (output: Output) => Output): Answer {
  if (!answer.output) return answer;
  const output = change(answer.output);
  return { ...answer, body: JSON.stringify(output), output };
}

function isOutput(value: unknown): value is Output {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function deeply(value: unknown, change: (output: Output) => Output): unknown {
  if (Array.isArray(value)) return value.map((item) => deeply(item, change));
  return isOutput(value) ? change(value) : value;
}

function withUnknownEnums(output: Output, unknown: string): Output {
  return Object.fromEntries(
    Object.entries(output).map(([name, value]) => [
      name,
      ENUMS.has(name) && typeof value === 'string'
        ? unknown
        : deeply(value, (inner) => withUnknownEnums(inner, unknown)),
    ]),
  );
}

function withExtraFields(output: Output): Output {
  const inner = Object.entries(output).map(([name, value]) => [
    name,
    deeply(value, withExtraFields),
  ]);
  return { ...Object.fromEntries(inner), NewMember: 'added by AWS', NewList: [{ Key: 'value' }] };
}
