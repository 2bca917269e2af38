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

/** How Temporal counts, and `length` does not. */
export function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Temporal's limit (`limit.maxIDLength`), also for the names of signals. */
const MOST_ID_BYTES = 1_000;

export function fitsAsTemporalId(text: string): boolean {
  return utf8Bytes(text) <= MOST_ID_BYTES;
}

/** Whether Temporal takes it as the id of a workflow or the name of a signal: else whoever sends to it is stuck. */
export function isTemporalId(value: unknown): value is string {
  return isText(value) && value !== '' && fitsAsTemporalId(value);
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

/** The first field that is none of these, named as it may be shown; undefined where there is none. */
export function strayField(
  given: Record<string, unknown>,
  known: readonly string[],
): string | undefined {
  const stray = Object.keys(given).find((field) => !known.includes(field));
  if (stray === undefined) return undefined;
  // It may be anything, and this is shown to many.
  return isShowable(stray) ? stray : 'one of the fields';
}

/** A word that can be a field's name, and is neither an address nor of any length. */
export function isShowable(field: string): boolean {
  return /^\w{1,40}$/.test(field);
}

/** It says nothing. */
export function isBlank(text: string): boolean {
  return text.trim() === '';
}
