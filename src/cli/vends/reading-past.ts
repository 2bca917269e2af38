import { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload, PayloadCodec } from '@temporalio/common';
import { EncryptionCodec, unreadableIn } from '../../encryption';

const NOTHING = defaultPayloadConverter.toPayload(undefined);

/**
 * A client for lists, to which a memo that cannot be decrypted with the keys given here is no memo: an old
 * vend, whose key was taken out, hides no other. Without keys it is the same client: somebody has
 * forgotten the variable.
 * @param onUnreadable told why, for each
 */
export function readingPast(client: Client, onUnreadable: (why: string) => void): Client {
  const { connection } = client;
  const { namespace, loadedDataConverter } = client.options;
  const [codec] = loadedDataConverter.payloadCodecs;
  if (!(codec instanceof EncryptionCodec) || codec.keyIds.length === 0) return client;
  const decodeOne = (payload: Payload): Payload => {
    try {
      return codec.decodeOne(payload);
    } catch (error) {
      const unreadable = unreadableIn(error);
      if (!unreadable) throw error;
      onUnreadable(unreadable.message);
      return NOTHING;
    }
  };
  const past: PayloadCodec = {
    encode: (payloads) => codec.encode(payloads),
    decode: (payloads) => Promise.resolve(payloads.map(decodeOne)),
  };
  return new Client({ connection, namespace, dataConverter: { payloadCodecs: [past] } });
}
