import type { Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { open, seal } from './cipher';
import { checkKeys, isKeyId, type EncryptionKey } from './keys';
import { damaged, withoutKey, withoutKeys } from './unreadable';

/** As in Temporal's samples, so that people know at sight what it is. */
const ENCODING = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';

/**
 * Encrypts payloads with the first key and decrypts with the one that a payload names. What is not
 * encrypted is handed on as it is, so that encryption can be switched on while workflows run. Where
 * no keys are given nothing is encrypted, and what is encrypted says which key it needs. A list that is
 * given and empty is an error.
 */
export class EncryptionCodec implements PayloadCodec {
  readonly #keys: ReadonlyMap<string, EncryptionKey>;
  readonly #first: EncryptionKey | undefined;

  constructor(keys?: readonly EncryptionKey[]) {
    const checked = keys === undefined ? [] : checkKeys(keys);
    this.#keys = new Map(checked.map((key) => [key.id, key]));
    this.#first = checked[0];
  }

  /** Ids of the keys, the one that encrypts first. */
  get keyIds(): readonly string[] {
    return [...this.#keys.keys()];
  }

  encode(payloads: Payload[]): Promise<Payload[]> {
    const key = this.#first;
    return Promise.resolve(key ? payloads.map((payload) => encrypted(key, payload)) : payloads);
  }

  async decode(payloads: Payload[]): Promise<Payload[]> {
    return payloads.map((payload) => this.decodeOne(payload));
  }

  /** Throws an `UnreadablePayloadError` where it cannot be decrypted. */
  decodeOne(payload: Payload): Payload {
    if (!isEncrypted(payload)) return payload;
    const keyId = keyIdOf(payload);
    const key = this.#keys.get(keyId);
    if (!key) throw this.#first ? withoutKey(keyId, this.keyIds) : withoutKeys(keyId);
    const clear = open(key, payload.data ?? new Uint8Array());
    if (!clear) throw damaged(keyId);
    return temporal.api.common.v1.Payload.decode(clear);
  }
}

function encrypted(key: EncryptionKey, payload: Payload): Payload {
  const clear = temporal.api.common.v1.Payload.encode(payload).finish();
  return {
    metadata: { encoding: Buffer.from(ENCODING), [KEY_ID]: Buffer.from(key.id) },
    data: seal(key, clear),
  };
}

export function isEncrypted({ metadata }: Payload): boolean {
  return textOf(metadata?.['encoding']) === ENCODING;
}

/** Others may have written it: it is repeated only where it looks like an id. */
function keyIdOf({ metadata }: Payload): string {
  const id = textOf(metadata?.[KEY_ID]);
  return isKeyId(id) ? id : '(without a usable id)';
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8');
}
