import type { z } from 'zod';
import type { FieldProblem } from '../contract';

/** What reading an input gave: the value, or every fault of it. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; problems: FieldProblem[] };

type Issue = z.core.$ZodIssue;

/** Where a fault concerns no single field. */
const WHOLE_INPUT = '(whole input)';

/** A path such as `conformance.packs[0]` or `tags["cost center"]`. */
function fieldPath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[\w:-]{1,128}$/.test(String(part))) text += text ? `.${String(part)}` : String(part);
    else text += `[${quoted(String(part))}]`;
  }
  return text || WHOLE_INPUT;
}

/** A key that the input chose, short enough to print and never an e-mail address. */
function quoted(key: string): string {
  if (key.includes('@')) return '"…@…"';
  return JSON.stringify(key.length > 40 ? `${key.slice(0, 40)}…` : key);
}

/** Zod's findings in our words. Each schema carries its own messages; this finds where they belong. */
export function problemsOf(issues: readonly Issue[], prefix: PropertyKey[] = []): FieldProblem[] {
  return issues.flatMap((issue) => problemsOfIssue(issue, [...prefix, ...issue.path]));
}

function problemsOfIssue(issue: Issue, path: PropertyKey[]): FieldProblem[] {
  if (issue.code === 'unrecognized_keys') {
    // `fields` in schema.ts gives one line for each key, in the same order.
    const messages = issue.message.split('\n');
    return issue.keys.map((key, index) => ({
      field: fieldPath([...path, key]),
      message: messages[index] ?? 'is not a field; remove it',
    }));
  }
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find((branch) => !branch.some(isOfAnotherType));
    if (meant) return problemsOf(meant, path);
  }
  return [{ field: fieldPath(path), message: issue.message }];
}

/** The branch of a union that fails as a whole is not the one that was meant. */
function isOfAnotherType(issue: Issue): boolean {
  return issue.path.length === 0 && ['invalid_type', 'invalid_value'].includes(issue.code);
}

/** The same sentence about the same field is said once. */
export function withoutRepeats(problems: readonly FieldProblem[]): FieldProblem[] {
  const seen = new Set<string>();
  return problems.filter(({ field, message }) => {
    const key = `${field}\n${message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** The known name that a misspelt one most likely means. */
export function likelyMeant(word: string, known: readonly string[]): string | undefined {
  const limit = word.length < 5 ? 1 : 2;
  const ranked = known
    .map((name) => ({ name, distance: editDistance(fold(word), fold(name)) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= limit ? best.name : undefined;
}

/** So that `account_name` and `account-name` are seen to mean `accountName`. */
function fold(word: string): string {
  return word.slice(0, 60).toLowerCase().replaceAll(/[-_]/g, '');
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substituted = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(
        Math.min(substituted, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1),
      );
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
