import { z } from 'zod';
import { parseDuration } from '../domain/duration';
import { likelyMeant } from './problems';

/** What is wrong with a value of another type, and what to write instead. */
function wrongType(input: unknown, expected: string): string {
  if (input === undefined) return `is required: give ${expected}`;
  if (input === null) return `is empty: give ${expected}, or remove it`;
  return `must be ${expected}`;
}

/** A text. Numbers and truth values are told to be quoted: YAML reads `0123` and `no` as such. */
export function text(expected: string): z.ZodString {
  return z.string({
    error: ({ input }) =>
      typeof input === 'number' || typeof input === 'boolean'
        ? `must be ${expected}, as text: put it in quotes, or YAML reads it as a ${typeof input}`
        : wrongType(input, expected),
  });
}

/** An object that refuses fields it does not know, and names the one that was probably meant. */
export function fields<T extends z.core.$ZodLooseShape>(
  shape: T,
  expected = 'an object with fields',
) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return wrongType(issue.input, expected);
      return (issue.keys ?? []).map((key) => unknownField(key, known)).join('\n');
    },
  });
}

function unknownField(key: string, known: readonly string[]): string {
  const meant = likelyMeant(key, known);
  if (meant) return `is not a field here; did you mean ${meant}?`;
  return `is not a field here; remove it, or use one of: ${known.join(', ')}`;
}

/** A list without repeats. */
export function list<T extends z.ZodType>(item: T, options: { expected: string; max: number }) {
  return z
    .array(item, { error: ({ input }) => wrongType(input, options.expected) })
    .max(options.max, `has too many entries: at most ${options.max}`)
    .superRefine((entries: readonly unknown[], context) => {
      // Told already; and so many are not gone through.
      if (entries.length > options.max) return;
      const seen = new Set<unknown>();
      for (const [index, entry] of entries.entries()) {
        if (!seen.has(entry)) {
          seen.add(entry);
          continue;
        }
        context.addIssue({
          code: 'custom',
          path: [index],
          message: 'is listed twice; remove one of the two',
        });
      }
    });
}

/** One of some words. */
export function oneOf<const T extends readonly string[]>(words: T) {
  const choice = words.join(' or ');
  return z.enum(words, {
    error: ({ input }) =>
      input === null ? wrongType(input, choice) : `must be ${choice}; write one of them`,
  });
}

export function truth() {
  return z.boolean({ error: 'must be true or false, without quotes' });
}

export function wholeNumber(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z.int({ error: message }).min(min, message).max(max, message);
}

/** Above zero: a rate or a factor. */
export function decimal(min: number, max: number) {
  const message = `must be a number from ${min} to ${max}`;
  return z.number({ error: message }).min(min, message).max(max, message);
}

const LONGEST_MS = 365 * 86_400_000;
const DURATION_PATTERN = String.raw`^\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h|d)$`;

/** A duration that stays text, as the request carries it. */
export function durationText() {
  return z
    .string({ error: 'must be a duration such as 30s, 5m, 8h or 7d' })
    .superRefine((value, context) => {
      const ms = parseDuration(value);
      if (ms === undefined) {
        const message = 'must be a number and one unit: 500ms, 30s, 5m, 8h or 7d';
        context.addIssue({ code: 'custom', message });
      } else if (ms <= 0 || ms > LONGEST_MS) {
        context.addIssue({ code: 'custom', message: 'must be longer than nothing, at most 365d' });
      }
    })
    .meta({ pattern: DURATION_PATTERN, examples: ['30s', '5m', '8h'] });
}

/** A duration, written as text and read as milliseconds. */
export function duration() {
  return durationText().transform((value) => parseDuration(value) ?? 0);
}
