import { Client } from '@temporalio/client';
import type { ConnectionLike } from '@temporalio/client';
import { SEARCH_ATTRIBUTE_NAMES } from '../contract';
import type { Logger } from './logger';
import { StartProblem } from './start-problem';

/** `temporal.api.enums.v1.IndexedValueType`. */
const KEYWORD = 2;

interface Registrar {
  addSearchAttributes(request: {
    namespace: string;
    searchAttributes: Record<string, number>;
  }): Promise<unknown>;
}

/** Each as Keyword. The server takes a moment to see them. */
export async function registerSearchAttributes(
  registrar: Registrar,
  namespace: string,
  names: readonly string[],
): Promise<void> {
  const searchAttributes = Object.fromEntries(names.map((name) => [name, KEYWORD]));
  await registrar.addSearchAttributes({ namespace, searchAttributes });
}

/**
 * Registers those of vends that the namespace does not have, and waits until Temporal knows them. An upsert of an
 * unregistered search attribute fails its workflow task for ever.
 * @param connection a `NativeConnection` or a `Connection`
 * @throws {StartProblem} where that is refused; its message has the command that somebody else can type
 */
export async function ensureSearchAttributes(
  connection: ConnectionLike & {
    operatorService?: Registrar;
  },
  namespace: string,
  logger?: Pick<Logger, 'info'>,
): Promise<void> {
  const client = new Client({ connection, namespace });
  const missing = await missingAttributes(client);
  if (missing.length === 0) return;
  try {
    if (!connection.operatorService) throw new Error('this connection has no operator service');
    await registerSearchAttributes(connection.operatorService, namespace, missing);
  } catch (error) {
    const flags = missing.map((name) => `--name ${name} --type Keyword`).join(' ');
    throw new StartProblem(
      `The namespace ${namespace} has no search attribute ${missing.join(', ')}, and this worker may not register them. Run: temporal operator search-attribute create --namespace ${namespace} ${flags} (Temporal Cloud: tcld namespace search-attributes add).`,
      2,
      error,
    );
  }
  await untilKnown(client, missing);
  logger?.info({ namespace, searchAttributes: missing }, 'registered search attributes');
}

async function missingAttributes(client: Client): Promise<string[]> {
  const missing: string[] = [];
  for (const name of SEARCH_ATTRIBUTE_NAMES) {
    if (!(await isKnown(client, name))) missing.push(name);
  }
  return missing;
}

/** A query that names it: works on every server, with no right but to list. */
async function isKnown(client: Client, name: string): Promise<boolean> {
  try {
    await client.workflow.count(`${name} = 'none'`);
    return true;
  } catch (error) {
    const text = `${String(error)} ${String(error instanceof Error ? error.cause : '')}`;
    if (/invalid search attribute|not defined|no mapping defined/i.test(text)) return false;
    throw error;
  }
}

const KNOWN_WITHIN_MS = 30_000;

/** The server takes a moment to see what it has registered. */
async function untilKnown(client: Client, names: string[]): Promise<void> {
  const deadline = Date.now() + KNOWN_WITHIN_MS;
  while (Date.now() < deadline) {
    if ((await missingAttributes(client)).length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new StartProblem(
    `Temporal has registered the search attributes ${names.join(', ')} and still does not know them. Start the worker again in a minute.`,
    4,
  );
}
