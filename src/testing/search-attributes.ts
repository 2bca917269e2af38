import { SEARCH_ATTRIBUTE_NAMES } from '../contract';
import type { NativeConnection } from '@temporalio/worker';
import { ensureSearchAttributes, registerSearchAttributes } from '../runtime/search-attributes';

/** Registers our search attributes where that can be done; whether the namespace has them then. */
export async function hasSearchAttributes(
  connection: NativeConnection,
  namespace: string,
): Promise<boolean> {
  try {
    await ensureSearchAttributes(connection, namespace);
    return true;
  } catch {
    return register(connection, namespace);
  }
}

/** The time-skipping test server counts nothing, so that it cannot be asked; it can be told. */
async function register(connection: NativeConnection, namespace: string): Promise<boolean> {
  try {
    await registerSearchAttributes(connection.operatorService, namespace, SEARCH_ATTRIBUTE_NAMES);
    return true;
  } catch (error) {
    return /already/i.test(String(error));
  }
}
