import { z } from 'zod';
import type { FieldProblem, ManifestDefaults, VendManifest, VendRequest } from '../contract';
import { Batch } from '../domain/batch/batch';
import {
  MOST_ACCOUNTS,
  MOST_CARRIED_BYTES,
  MOST_MANIFEST_BYTES,
  withDefaults,
} from '../domain/batch/manifest';
import { bytesWith } from '../domain/batch/packing';
import type { Configuration } from './configuration';
import { idName } from './fields';
import { checkRequest } from './house-rules';
import { problemsOf, withoutRepeats } from './problems';
import { requestShape } from './request';
import { fields, list } from './schema';
import { parseYamlWithPositions, type Position } from './yaml';
import { isObject } from '../domain/shape';

/** What a manifest is read from. */
export interface ManifestSource {
  /** As a person finds it: a path, or `(stdin)`. */
  file: string;
  text: string;
}

/** A fault of a file, and where in it. */
export interface LocatedProblem extends FieldProblem {
  file: string;
  line: number;
  column: number;
}

export interface LoadedManifest {
  file: string;
  /** As it was written: it is sent so, and the batch fills in the defaults. */
  manifest: VendManifest;
  /** Each account with the defaults filled in, in the same order. */
  requests: VendRequest[];
  /** Where a field of an account stands. */
  locate: (index: number, field?: string) => Position;
}

export type LoadedManifests =
  { ok: true; value: LoadedManifest[] } | { ok: false; problems: LocatedProblem[] };

const { requestId, accountName, email, existingAccountId, ...common } = requestShape.shape;
/** What says which account it is. */
const IDENTITY: readonly string[] = Object.keys({
  requestId,
  accountName,
  email,
  existingAccountId,
});

const defaultsShape = fields(common, 'an object with fields that all accounts have in common');

/** What a manifest holds: many accounts, and what they have in common. */
export const manifestShape = fields(
  {
    name: idName('a name such as platform').describe(
      'Name of the manifest; its batch is the workflow vend-batch-<name>. 1-63 lower-case letters, digits and hyphens.',
    ),
    defaults: defaultsShape
      .optional()
      .describe(
        "Fields for all accounts that leave them out. An account's own field wins as a whole; tags are joined.",
      ),
    accounts: list(requestShape, { expected: 'a list of requests', max: MOST_ACCOUNTS })
      .min(1, 'is empty; give at least one account')
      .describe('The accounts, one request each.'),
  },
  'a manifest: an object with name, defaults and accounts',
).meta({ title: 'Manifest', description: 'Many AWS accounts to vend.' });

/** Every fault of every file, before anything is started; or the manifests. */
export function parseManifests(
  sources: readonly ManifestSource[],
  configuration: Configuration,
): LoadedManifests {
  const read = sources.map((source) => readManifest(source, configuration));
  const problems = [
    ...read.flatMap((one) => one.problems),
    ...repeated(read.flatMap((one) => one.marks)),
  ];
  const value = read.flatMap(({ loaded }) => loaded ?? []);
  if (problems.length > 0 || value.length < sources.length) {
    return { ok: false, problems: inOrder(problems, sources) };
  }
  return { ok: true, value };
}

interface ReadManifest {
  problems: LocatedProblem[];
  loaded?: LoadedManifest;
  marks: Mark[];
}

/** A value that must not stand there twice, in one file or in two. */
interface Mark extends Position {
  file: string;
  field: string;
  /** Told apart by kind and value. The value itself may be an e-mail address, and is not repeated. */
  key: string;
  message: (where: string) => string;
}

function readManifest(source: ManifestSource, configuration: Configuration): ReadManifest {
  const { file, text } = source;
  const yaml = parseYamlWithPositions(text);
  if (!yaml.ok) {
    const problems = yaml.faults.map((fault) => ({ file, field: '(whole file)', ...fault }));
    return { problems, marks: [] };
  }
  const { value, positionOf } = yaml;
  const at = (problem: FieldProblem): LocatedProblem => ({
    ...problem,
    file,
    ...positionOf(pathOf(problem.field)),
  });
  if (!isObject(value)) {
    const message = 'must be an object with name, defaults and accounts';
    return { problems: [at({ field: '(whole file)', message })], marks: [] };
  }
  const found = [
    ...problemsOf(outline.safeParse(value).error?.issues ?? []),
    ...defaultsProblems(value['defaults']),
    ...sizeProblem(value),
  ];
  const entries = Array.isArray(value['accounts']) ? (value['accounts'] as unknown[]) : [];
  const requests: VendRequest[] = [];
  const marks: Mark[] = [];
  const spoilt = new Set(found.map(({ field }) => field));
  for (const [index, entry] of entries.slice(0, MOST_ACCOUNTS).entries()) {
    const { request, problems } = readEntry(entry, value['defaults'], configuration);
    if (request) requests.push(request);
    for (const problem of problems) {
      // A fault of the defaults is told once, where it stands.
      if (!hasOwn(entry, problem.field) && isTold(problem.field, spoilt)) continue;
      const rest = problem.field.startsWith('[') ? problem.field : `.${problem.field}`;
      const whole = problem.field === '(whole input)' ? '' : rest;
      found.push({ ...problem, field: `accounts[${index}]${whole}` });
    }
    if (isObject(entry) && entry['requestId'] === `batch-${String(value['name'])}`) {
      const message = 'would be the workflow of the batch itself; take another one';
      found.push({ field: `accounts[${index}].requestId`, message });
    }
    marks.push(...marksOf(entry, index, (field) => ({ file, ...positionOf(pathOf(field)) })));
  }
  if (typeof value['name'] === 'string') {
    marks.push({
      file,
      field: 'name',
      key: `name ${value['name']}`,
      ...positionOf(['name']),
      message: (where) => `is the name of ${where}, too; give each manifest its own`,
    });
  }
  const problems = withoutRepeats(found).map(at);
  if (problems.length > 0) return { problems, marks };
  const loaded: LoadedManifest = {
    file,
    manifest: value as unknown as VendManifest,
    requests,
    locate: (index, field) =>
      positionOf(['accounts', index, ...(field === undefined ? [] : pathOf(field))]),
  };
  return { problems: [], loaded, marks };
}

/** The manifest without what is read by itself: the accounts one by one, with the defaults in them. */
const outline = fields(
  {
    name: manifestShape.shape.name,
    defaults: z.unknown().optional(),
    accounts: list(z.unknown(), { expected: 'a list of requests', max: MOST_ACCOUNTS }).min(
      1,
      'is empty; give at least one account',
    ),
  },
  'a manifest: an object with name, defaults and accounts',
);

function defaultsProblems(given: unknown): FieldProblem[] {
  if (given === undefined) return [];
  const own = isObject(given) ? Object.keys(given).filter((key) => IDENTITY.includes(key)) : [];
  const rest = isObject(given)
    ? Object.fromEntries(Object.entries(given).filter(([key]) => !own.includes(key)))
    : given;
  return [
    ...own.map((key) => ({
      field: `defaults.${key}`,
      message: 'says which account it is; write it at each account',
    })),
    ...problemsOf(defaultsShape.safeParse(rest).error?.issues ?? [], ['defaults']),
  ];
}

/** Temporal takes it as one message, and what becomes of it in the batch as well. */
function sizeProblem(value: Record<string, unknown>): FieldProblem[] {
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes <= MOST_MANIFEST_BYTES && carriedBytes(value) <= MOST_CARRIED_BYTES) return [];
  const message = `are ${Math.round(bytes / 1_000)} kB, more than one batch can hold; split them into manifests of other names, or move what they have in common to defaults`;
  return [{ field: 'accounts', message }];
}

/** As the batch counts it; where entries are none, they are told anyway. */
function carriedBytes({ accounts, defaults }: Record<string, unknown>): number {
  const isEntry = (entry: unknown) => isObject(entry) && typeof entry['requestId'] === 'string';
  if (!Array.isArray(accounts) || !accounts.every(isEntry)) return 0;
  const name = 'x'.repeat(63);
  return bytesWith(new Batch(name), {
    name,
    accounts: accounts as VendRequest[],
    defaults: defaults as ManifestDefaults,
  });
}

function readEntry(
  entry: unknown,
  defaults: unknown,
  configuration: Configuration,
): { request?: VendRequest; problems: FieldProblem[] } {
  const merged =
    isObject(entry) && isObject(defaults)
      ? withDefaults(entry as unknown as VendRequest, commonOf(defaults))
      : entry;
  const checked = checkRequest(merged, configuration);
  return checked.ok ? { request: checked.value, problems: [] } : { problems: checked.problems };
}

/** Without what must not be there: it would hide that an account lacks it. */
function commonOf(defaults: Record<string, unknown>): ManifestDefaults {
  return Object.fromEntries(
    Object.entries(defaults).filter(([key]) => Object.hasOwn(common, key)),
  ) as ManifestDefaults;
}

function hasOwn(entry: unknown, field: string): boolean {
  const [first] = pathOf(field);
  return isObject(entry) && first !== undefined && Object.hasOwn(entry, first);
}

function isTold(field: string, spoilt: ReadonlySet<string>): boolean {
  return spoilt.has(`defaults.${field}`) || spoilt.has('defaults');
}

function marksOf(
  entry: unknown,
  index: number,
  at: (field: string) => Position & { file: string },
): Mark[] {
  if (!isObject(entry)) return [];
  const marks: Mark[] = [];
  const mark = (name: string, key: string, message: Mark['message']) => {
    const field = `accounts[${index}].${name}`;
    marks.push({ field, key: `${name} ${key}`, message, ...at(field) });
  };
  const { requestId: id, email: address, existingAccountId: account } = entry;
  if (typeof id === 'string') {
    mark('requestId', id, (where) => `is that of ${where}, too; each account has its own`);
  }
  if (typeof address === 'string') {
    const message = (where: string) =>
      `is the address of ${where}, too (the case of letters does not count); AWS takes an address once`;
    mark('email', address.toLowerCase(), message);
  }
  if (typeof account === 'string') {
    mark('existingAccountId', account, (where) => `is the account of ${where}, too; remove one`);
  }
  return marks;
}

function repeated(marks: readonly Mark[]): LocatedProblem[] {
  const first = new Map<string, Mark>();
  const problems: LocatedProblem[] = [];
  for (const { key, message, ...here } of marks) {
    const known = first.get(key);
    if (known) {
      const where = `${known.file}:${known.line}`;
      problems.push({ ...here, message: message(where) });
    } else first.set(key, { key, message, ...here });
  }
  return problems;
}

/** File by file, and in each from top to bottom. */
function inOrder(
  problems: readonly LocatedProblem[],
  sources: readonly ManifestSource[],
): LocatedProblem[] {
  const order = new Map(sources.map(({ file }, index) => [file, index]));
  const rank = ({ file }: LocatedProblem) => order.get(file) ?? 0;
  return [...problems].sort(
    (one, other) => rank(one) - rank(other) || one.line - other.line || one.column - other.column,
  );
}

/** The keys of a path such as `accounts[3].tags["cost center"]`; what was shortened is not found. */
function pathOf(field: string): (string | number)[] {
  const parts = field.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g);
  return [...parts].map(([, quoted, index, name]) =>
    index === undefined ? (quoted ?? name ?? '') : Number(index),
  );
}
