import { unreadableIn, type EncryptionCodec } from '../encryption';
import { fromJson, toJson, type PayloadJson } from './payload-json';

export interface Converted {
  payloads: PayloadJson[];
  /** Why some could not be decrypted, each once. */
  unreadable: string[];
}

export async function encode(
  codec: EncryptionCodec,
  payloads: readonly PayloadJson[],
): Promise<Converted> {
  const encoded = await codec.encode(payloads.map(fromJson));
  return { payloads: encoded.map(toJson), unreadable: [] };
}

/**
 * One that cannot be decrypted goes back as it came, as one that is not encrypted does: the Web UI
 * shows it as it stands, and all others in clear.
 */
export function decode(codec: EncryptionCodec, payloads: readonly PayloadJson[]): Converted {
  const unreadable = new Set<string>();
  const decoded = payloads.map((json) => {
    const payload = fromJson(json);
    try {
      const clear = codec.decodeOne(payload);
      return clear === payload ? json : toJson(clear);
    } catch (error) {
      const reason = unreadableIn(error);
      if (!reason) throw error;
      unreadable.add(reason.message);
      return json;
    }
  });
  return { payloads: decoded, unreadable: [...unreadable] };
}
