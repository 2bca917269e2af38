import type { z } from 'zod';
import { CONFIG_LIMIT_MAX } from '../limits';
import type { Call } from '../wire/call';
import { AwsError } from '../wire/errors';
import { operation, type Operation } from '../wire/operation';
import { pageOf } from '../wire/paging';
import type { World } from '../world';

/** "Common Errors" of Config: what the model's rules refuse is a ValidationException. */
function configInputFault(issue: z.core.$ZodIssue): AwsError {
  const field = issue.path.map(String).join('.') || 'input';
  return new AwsError(
    'ValidationException',
    `1 validation error detected: Value at '${field}' failed to satisfy constraint: ${issue.message}`,
  );
}

export function configOperation<Input>(
  schema: z.ZodType<Input>,
  serve: (world: World, input: Input, call: Call) => object,
): Operation {
  return operation(schema, serve, configInputFault);
}

interface ListInput {
  list: string;
  Limit?: number | undefined;
  NextToken?: string | undefined;
}

export function configPage<Item extends { sequence: number }>(
  world: World,
  items: readonly Item[],
  input: ListInput,
  member: string,
  show: (item: Item) => unknown,
): Record<string, unknown> {
  const { Limit = 0 } = input;
  if (Limit < 0 || Limit > CONFIG_LIMIT_MAX) {
    throw new AwsError(
      'InvalidLimitException',
      'The specified limit is outside the allowable range.',
    );
  }
  const page = pageOf(world, items, {
    list: input.list,
    // "If you specify 0, Config uses the default."
    limit: Math.min(Limit || CONFIG_LIMIT_MAX, world.data.knobs.configPageSize),
    token: input.NextToken,
    badToken: () =>
      new AwsError('InvalidNextTokenException', 'The specified next token is not valid.'),
  });
  return {
    ...(page.items && { [member]: page.items.map((item) => show(item)) }),
    ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
  };
}
