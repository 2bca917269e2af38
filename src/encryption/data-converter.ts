import { join } from 'node:path';
import type { DataConverter } from '@temporalio/common';
import { EncryptionCodec } from './codec';
import type { EncryptionKey } from './keys';
import { keysFromEnvironment } from './keys-from-environment';

/** A `DataConverter` whose only codec is ours. */
export interface EncryptingDataConverter extends DataConverter {
  payloadCodecs: [EncryptionCodec];
}

/**
 * The `dataConverter` for `new Client`, `Worker.create` and, by its `failureConverterPath`, for
 * `bundleWorkflowCode`. Worker, clients, parents and codec server need the same keys.
 *
 * @param keys the first encrypts, all decrypt. Left out, nothing is encrypted, and what is encrypted is
 *   refused with a sentence that says which key is missing.
 * @throws EncryptionKeyError where the list is empty or a key cannot be used: keys that got lost must
 *   not turn encryption off
 *
 * @example
 * ```ts
 * const dataConverter = encryptingDataConverter([{ id: '2026-11', key: await readKey() }]);
 * const client = new Client({ connection, namespace, dataConverter });
 * const worker = await Worker.create({ connection, namespace, taskQueue, workflowsPath, dataConverter });
 * ```
 */
export function encryptingDataConverter(keys?: readonly EncryptionKey[]): EncryptingDataConverter {
  const payloadCodecs: [EncryptionCodec] = [new EncryptionCodec(keys)];
  if (keys === undefined) return { payloadCodecs };
  return { payloadCodecs, failureConverterPath: join(__dirname, 'failure-converter') };
}

/**
 * The same with the keys of `VEND_ENCRYPTION_KEYS` or `VEND_ENCRYPTION_KEYS_FILE`, as worker and command
 * line of account-vending have them; without these variables it encrypts nothing.
 *
 * @throws EncryptionKeyError where the keys cannot be used; it names the variable, and never a key
 *
 * @example
 * ```ts
 * const dataConverter = encryptionFromEnvironment();
 * const client = new Client({ connection, namespace, dataConverter });
 * ```
 */
export function encryptionFromEnvironment(
  env: NodeJS.ProcessEnv = process.env,
): EncryptingDataConverter {
  return encryptingDataConverter(keysFromEnvironment(env));
}
