import type { z } from 'zod';
import type { World } from '../world';
import type { Call } from './call';
import { invalidInput, type AwsError } from './errors';

/** Serves one operation: gives the answer's members, or throws an AwsError. */
export type Operation = (world: World, call: Call) => Record<string, unknown>;

export type InputFault = (issue: z.core.$ZodIssue, missing: boolean) => AwsError;

/** Binds an operation to the schema of its input. */
export function operation<Input>(
  schema: z.ZodType<Input>,
  serve: (world: World, input: Input, call: Call) => object,
  fault: InputFault = organizationsInputFault,
): Operation {
  return (world, call) => ({ ...serve(world, readInput(schema, call.input, fault), call) });
}

export function readInput<Input>(
  schema: z.ZodType<Input>,
  input: Record<string, unknown>,
  fault: InputFault,
): Input {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (!issue) throw result.error;
  throw fault(issue, valueAt(input, issue.path) === undefined);
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** "InvalidInputException" in the Organizations API reference: a Reason for each kind of fault. */
const REASONS: Partial<Record<z.core.$ZodIssue['code'], string>> = {
  too_small: 'MIN_LENGTH_EXCEEDED',
  too_big: 'MAX_LENGTH_EXCEEDED',
  invalid_value: 'INVALID_ENUM',
};

export function organizationsInputFault(issue: z.core.$ZodIssue, missing: boolean): AwsError {
  const field = issue.path.map(String).join('.');
  const own = issue.code === 'custom' ? issue.params?.['reason'] : undefined;
  const found = numeric(issue) ?? REASONS[issue.code] ?? 'INVALID_PATTERN';
  const reason = typeof own === 'string' ? own : missing ? 'INPUT_REQUIRED' : found;
  return invalidInput(reason, `You provided a value for ${field} that is not valid (${reason}).`);
}

function numeric(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code === 'too_small' && issue.origin === 'number') return 'MIN_VALUE_EXCEEDED';
  if (issue.code === 'too_big' && issue.origin === 'number') return 'MAX_VALUE_EXCEEDED';
  return undefined;
}
