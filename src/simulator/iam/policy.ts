import { z } from 'zod';

/** The part of IAM's policy language that docs/iam uses. What is beyond it is refused, not ignored. */
const texts = z.union([z.string(), z.array(z.string())]).transform((given) => [given].flat());

const OPERATORS = ['StringEquals', 'StringLike', 'Null', 'ForAllValues:StringEquals'] as const;
type Operator = (typeof OPERATORS)[number];

const conditions = z.partialRecord(z.enum(OPERATORS), z.record(z.string(), texts));

const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: texts,
  /** Absent in trust policies alone. */
  Resource: texts.optional(),
  /** Trust policies alone. */
  Principal: z.strictObject({ AWS: texts }).optional(),
  Condition: conditions.optional(),
});

export const policySchema = z.strictObject({
  Version: z.literal('2012-10-17'),
  Statement: z.array(statement),
});

export type Policy = z.output<typeof policySchema>;
type Statement = Policy['Statement'][number];

/** One thing that a call needs to be allowed. */
export interface Wanted {
  /** `organizations:MoveAccount` */
  action: string;
  /** An ARN; `*` where the action knows no resources. */
  resource: string;
  /** Condition keys of the request. A key that is not there is absent, as IAM has it. */
  context: Readonly<Record<string, string | readonly string[]>>;
  /** Who asks, where it is for the policy to say so. */
  principal?: string;
}

/** Whether policies allow it together: a Deny wins, and nothing is allowed that no statement allows. */
export function allows(policies: readonly Policy[], wanted: Wanted): boolean {
  const fitting = policies.flatMap(({ Statement: all }) => all.filter((one) => fits(one, wanted)));
  return fitting.length > 0 && fitting.every(({ Effect }) => Effect === 'Allow');
}

/** Condition keys of the statements about it that the request does not have. That one is to be absent is no lack. */
export function keysWanted(policies: readonly Policy[], wanted: Wanted): string[] {
  const about = policies.flatMap(({ Statement: all }) =>
    all.filter((one) => fits({ ...one, Condition: undefined }, wanted)),
  );
  const keys = about.flatMap(({ Condition = {} }) =>
    Object.entries(Condition).flatMap(([operator, named]) =>
      operator === 'Null' ? [] : Object.keys(named ?? {}),
    ),
  );
  return [...new Set(keys)].filter((key) => valuesOf(wanted, key) === undefined);
}

function fits(one: Statement, wanted: Wanted): boolean {
  if (!one.Action.some((action) => isLike(wanted.action.toLowerCase(), action.toLowerCase()))) {
    return false;
  }
  if (one.Resource && !one.Resource.some((resource) => isLike(wanted.resource, resource))) {
    return false;
  }
  if (one.Principal && !one.Principal.AWS.some((named) => isPrincipal(named, wanted.principal))) {
    return false;
  }
  return Object.entries(one.Condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys ?? {}).every(([key, values]) =>
      holds(operator as Operator, valuesOf(wanted, key), values),
    ),
  );
}

/** The names of keys know no case, and of a tag's key the same is true. */
function valuesOf({ context }: Wanted, key: string): readonly string[] | undefined {
  const found = Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase());
  return found && [found[1]].flat();
}

function holds(
  operator: Operator,
  given: readonly string[] | undefined,
  wanted: readonly string[],
): boolean {
  switch (operator) {
    case 'Null':
      return (given === undefined) === (wanted[0] === 'true');
    case 'StringEquals':
      return given?.some((value) => wanted.includes(value)) ?? false;
    case 'StringLike':
      return given?.some((value) => wanted.some((pattern) => isLike(value, pattern))) ?? false;
    case 'ForAllValues:StringEquals':
      return (given ?? []).every((value) => wanted.includes(value));
    default:
      return operator satisfies never;
  }
}

/** An account's root stands for all in it, who need a policy of their own besides. */
function isPrincipal(named: string, principal = ''): boolean {
  const [, , , , account = '', who = ''] = named.split(':');
  return named === principal || (who === 'root' && principal.split(':')[4] === account);
}

function isLike(text: string, pattern: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  const expression = escaped.replaceAll('*', '.*').replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 's').test(text);
}
