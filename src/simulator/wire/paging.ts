import { z } from 'zod';
import { count, type World } from '../world';
import type { AwsError } from './errors';

export interface PageRequest {
  /** What the token belongs to: the operation and everything that chooses its items. */
  list: string;
  limit: number;
  token: string | undefined;
  /** The service's error for a token that is expired, foreign or made up. */
  badToken: () => AwsError;
}

export interface Page<Item> {
  /** Absent where AWS leaves the member out. */
  items?: Item[];
  nextToken?: string;
}

const cursorSchema = z.object({ list: z.string(), after: z.number(), issuedAt: z.number() });

/**
 * One page of items that are sorted by sequence. The token remembers the last sequence served and
 * not a position: items that go away in between move nothing. As with AWS, a page may be empty, or
 * lack the member, and still have a NextToken; only an absent token ends the list.
 */
export function pageOf<Item extends { sequence: number }>(
  world: World,
  items: readonly Item[],
  request: PageRequest,
): Page<Item> {
  const after = request.token === undefined ? 0 : readCursor(world, request, request.token);
  const operation = request.list.split('?')[0] ?? request.list;
  const chance = world.random.stream('empty-page', operation, count(world, `page:${operation}`));
  if (chance() < world.data.knobs.emptyPageRate) {
    const empty: Page<Item> = { nextToken: writeCursor(world, request.list, after) };
    if (chance() < 0.5) empty.items = [];
    return empty;
  }
  const left = items.filter((item) => item.sequence > after);
  const page: Page<Item> = { items: left.slice(0, request.limit) };
  const last = page.items?.at(-1);
  if (last && left.length > request.limit) {
    page.nextToken = writeCursor(world, request.list, last.sequence);
  }
  return page;
}

function writeCursor(world: World, list: string, after: number): string {
  const cursor = JSON.stringify({ list, after, issuedAt: world.now() });
  return Buffer.from(cursor).toString('base64url');
}

function readCursor(world: World, request: PageRequest, token: string): number {
  const cursor = cursorSchema.safeParse(parseJson(Buffer.from(token, 'base64url').toString()));
  if (!cursor.success || cursor.data.list !== request.list) throw request.badToken();
  if (cursor.data.issuedAt + world.data.knobs.nextTokenTtlMs < world.now()) {
    throw request.badToken();
  }
  return cursor.data.after;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
