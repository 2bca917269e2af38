import type { FieldProblem } from '../contract';

/**
 * What the contract has and this version does not build yet. It is refused, never ignored: an
 * account that lacks what was asked for must not count as done. Each line goes as it gets built.
 */
const MESSAGE = 'is not available in this version yet; remove it';

export function notYetInConfiguration(input: unknown): FieldProblem[] {
  const configuration = objectIn(input);
  const refused: Record<string, boolean> = {
    'approval.required': objectIn(configuration['approval'])['required'] === true,
    'escalation.notify': given(objectIn(configuration['escalation'])['notify']),
  };
  return Object.keys(refused)
    .filter((field) => refused[field])
    .map(refusal);
}

function refusal(field: string): FieldProblem {
  return { field, message: MESSAGE };
}

/** Given at all; an empty list asks for nothing. */
function given(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null;
}

function objectIn(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
