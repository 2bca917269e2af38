import { describeAwsError } from '../aws/errors';
import type { AwsError } from '../domain/aws-error';
import type { Outcome } from './outcomes';

/** Carries an AWS error out of a few calls in a row; {@link outcomeOf} turns it into an outcome. */
export class AwsCallError extends Error {
  readonly detail: AwsError;
  constructor(detail: AwsError) {
    super(`${detail.operation}: ${detail.name}`);
    this.name = 'AwsCallError';
    this.detail = detail;
  }
}

/** One AWS call; its error is described, with the secrets taken out of its text. */
export async function call<T>(
  operation: string,
  send: () => Promise<T>,
  secrets: readonly (string | undefined)[] = [],
): Promise<T> {
  try {
    return await send();
  } catch (error) {
    throw new AwsCallError(describeAwsError(operation, error, secrets));
  }
}

export async function outcomeOf<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    if (error instanceof AwsCallError) return { ok: false, error: error.detail };
    throw error;
  }
}

const TOKEN_FAULTS = new Set([
  'INVALID_NEXT_TOKEN',
  'INVALID_PAGINATION_TOKEN',
  'InvalidNextTokenException',
]);
const RESTARTS = 3;

/** Reads one page; a page may be empty, or lack its member, and still have a token. */
export type FetchPage<T> = (
  token: string | undefined,
) => Promise<{ items: T[] | undefined; token: string | undefined }>;

export interface Pages<T> {
  items: T[];
  pages: number;
  /** False where there are more pages than were to be read. */
  isComplete: boolean;
}

/** Every item of a paged list. */
export async function listAll<T>(fetchPage: FetchPage<T>): Promise<T[]> {
  return (await listPages(fetchPage)).items;
}

/** A paged list, at most so many pages of it. A token may expire in the middle: it begins anew then. */
export async function listPages<T>(fetchPage: FetchPage<T>, most = Infinity): Promise<Pages<T>> {
  for (let restarts = 0; ; restarts += 1) {
    try {
      return await readPages(fetchPage, most);
    } catch (error) {
      if (!(error instanceof AwsCallError) || restarts >= RESTARTS) throw error;
      if (!TOKEN_FAULTS.has(error.detail.reason ?? error.detail.name)) throw error;
    }
  }
}

async function readPages<T>(fetchPage: FetchPage<T>, most: number): Promise<Pages<T>> {
  const items: T[] = [];
  let token: string | undefined;
  let pages = 0;
  do {
    if (pages >= most) return { items, pages, isComplete: false };
    const page = await fetchPage(token);
    pages += 1;
    items.push(...(page.items ?? []));
    token = page.token || undefined;
  } while (token);
  return { items, pages, isComplete: true };
}
