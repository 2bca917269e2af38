import { z } from 'zod';
import { configurationShape } from './configuration';
import { manifestShape } from './manifest';
import { requestShape } from './request';

type JsonSchema = Record<string, unknown>;

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
