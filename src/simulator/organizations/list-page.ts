import { invalidInput } from '../wire/errors';
import { pageOf } from '../wire/paging';
import type { World } from '../world';

interface ListInput {
  list: string;
  NextToken?: string | undefined;
  MaxResults?: number | undefined;
}

/** A page of an Organizations list: `member` holds the items, and may be missing. */
export function listPage<Item extends { sequence: number }>(
  world: World,
  items: readonly Item[],
  input: ListInput,
  member: string,
  show: (item: Item) => unknown,
): Record<string, unknown> {
  const page = pageOf(world, items, {
    list: input.list,
    limit: Math.min(input.MaxResults ?? Infinity, world.data.knobs.pageSize),
    token: input.NextToken,
    badToken: () =>
      invalidInput('INVALID_NEXT_TOKEN', 'The NextToken that you provided is invalid.'),
  });
  return {
    ...(page.items && { [member]: page.items.map((item) => show(item)) }),
    ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
  };
}
