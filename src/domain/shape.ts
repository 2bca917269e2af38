/**
 * What came by a signal may be anything: whoever may write to the namespace can send one. These tell
 * whether it is what its reader takes for granted.
 */

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

export function isAmong(value: unknown, words: readonly string[]): boolean {
  return words.some((word) => word === value);
}

/** Absent, or as it should be. */
export function isOptional(value: unknown, is: (value: unknown) => boolean): boolean {
  return value === undefined || is(value);
}

export function areAll(value: unknown, are: (value: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(are);
}
