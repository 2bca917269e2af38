import { z } from 'zod';

/** Bodies of the control API. What is not named here is refused: a typing error must not pass. */

const packError = { errorCode: z.string(), errorMessage: z.string() };

export const account = z.strictObject({
  email: z.string().min(1),
  name: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  parentId: z.string().optional(),
  state: z.string().optional(),
  id: z
    .string()
    .regex(/^\d{12}$/)
    .optional(),
});

export const pack = z.strictObject({
  name: z.string().min(1),
  region: z.string().min(1),
  ownerAccountId: z.string().optional(),
  excludedAccounts: z.array(z.string()).optional(),
  status: z.string().optional(),
  rowDelayMs: z.number().min(0).optional(),
  deployMs: z.number().min(0).optional(),
  failWith: z.strictObject(packError).optional(),
});

export const packRow = z.strictObject({
  region: z.string(),
  pack: z.string(),
  accountId: z.string(),
  status: z.string().optional(),
  errorCode: z.string().optional(),
  errorMessage: z.string().optional(),
  absent: z.boolean().optional(),
});

export const packRowName = z.strictObject({
  region: z.string(),
  pack: z.string(),
  accountId: z.string(),
});

export const packName = z.strictObject({ region: z.string(), name: z.string() });

export const packStatus = z.strictObject({
  region: z.string(),
  pack: z.string(),
  status: z.string(),
  error: z.strictObject(packError).optional(),
});

export const path = z.strictObject({ path: z.string().min(1) });
export const id = z.strictObject({ id: z.string() });
export const email = z.strictObject({ email: z.string() });
export const advance = z.strictObject({ ms: z.number().min(0) });

const scope = {
  id: z.string().optional(),
  operation: z.string().optional(),
  match: z
    .strictObject({
      email: z.string().optional(),
      accountName: z.string().optional(),
      accountId: z.string().optional(),
      requestTag: z.string().optional(),
      pack: z.string().optional(),
      region: z.string().optional(),
      contains: z.string().optional(),
    })
    .optional(),
  nth: z.int().min(1).optional(),
  times: z.union([z.int().min(1), z.literal('always')]).optional(),
  probability: z.number().min(0).max(1).optional(),
  phase: z.enum(['before', 'after']).optional(),
};

const injectedError = z.strictObject({
  name: z.string().min(1),
  reason: z.string().optional(),
  message: z.string().optional(),
  status: z.int().min(400).max(599).optional(),
});

export const faultRule = z.discriminatedUnion('kind', [
  z.strictObject({ ...scope, kind: z.literal('error'), error: injectedError }),
  z.strictObject({ ...scope, kind: z.literal('reset') }),
  z.strictObject({ ...scope, kind: z.literal('cut-body') }),
  z.strictObject({ ...scope, kind: z.literal('html'), status: z.int().optional() }),
  z.strictObject({ ...scope, kind: z.literal('hang') }),
  z.strictObject({ ...scope, kind: z.literal('wrong-date'), shiftMs: z.number().optional() }),
  z.strictObject({ ...scope, kind: z.literal('unknown-enum'), value: z.string().optional() }),
  z.strictObject({ ...scope, kind: z.literal('extra-fields') }),
  z.strictObject({ ...scope, kind: z.literal('delay'), delayMs: z.number().min(0) }),
]);

/** An empty object lifts them. The policies themselves are read where they are set. */
export const permissions = z.strictObject({
  identities: z.record(z.string(), z.array(z.unknown())).optional(),
  trust: z.record(z.string(), z.unknown()).optional(),
});

type Given<T> = T extends (infer Item)[]
  ? Given<Item>[]
  : T extends object
    ? { [Key in keyof T]: Given<Exclude<T[Key], undefined>> }
    : T;

/** JSON has no `undefined`: what zod calls optional is either there or not. */
export function parsed<T>(schema: z.ZodType<T>, input: unknown): Given<T> {
  return JSON.parse(JSON.stringify(schema.parse(input))) as Given<T>;
}
