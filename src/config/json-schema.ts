import { z } from 'zod';
import { configurationShape } from './configuration';
import { idName } from './fields';
import { requestShape } from './request';
import { fields, list } from './schema';

type JsonSchema = Record<string, unknown>;

/** What a manifest holds: many accounts, and what they have in common. */
const manifestShape = fields({
  name: idName('a name such as platform').describe('Name of the manifest, part of the batch.'),
  defaults: requestShape
    .omit({ requestId: true, accountName: true, email: true, existingAccountId: true })
    .partial()
    .meta({ anyOf: undefined })
    .optional()
    .describe('Fields for all accounts that leave them out.'),
  accounts: list(requestShape, { expected: 'a list of requests', max: 5000 }).describe(
    'The accounts, one request each.',
  ),
}).meta({ title: 'Manifest', description: 'Many AWS accounts to vend.' });

/** JSON Schemas for editors and for other languages; what people write, so defaults are optional. */
export function requestJsonSchema(): JsonSchema {
  return toJsonSchema(requestShape);
}

export function manifestJsonSchema(): JsonSchema {
  return toJsonSchema(manifestShape);
}

export function configurationJsonSchema(): JsonSchema {
  return toJsonSchema(configurationShape);
}

function toJsonSchema(shape: z.ZodType): JsonSchema {
  return z.toJSONSchema(shape, { io: 'input' }) as JsonSchema;
}
