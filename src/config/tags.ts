import { z } from 'zod';
import { text } from './schema';

/** AWS allows 50; one is the tag that proves the account to be ours. */
export const MOST_TAGS = 49;

const CHARACTERS = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const CHARACTERS_SAID = 'letters, digits, spaces and _ . : / = + - @';

export function tags() {
  return z
    .record(
      z.string(),
      text('a text of up to 256 characters')
        .max(256, 'is longer than 256 characters; shorten it')
        .regex(CHARACTERS, `has a character that AWS refuses: use ${CHARACTERS_SAID}`),
      { error: 'must be an object of tag names and values, such as { CostCenter: "4711" }' },
    )
    .superRefine((value, context) => {
      const keys = Object.keys(value);
      if (keys.length > MOST_TAGS) {
        const message = `has ${keys.length} tags; use at most ${MOST_TAGS}, because one of AWS's 50 is ours`;
        context.addIssue({ code: 'custom', message });
      }
      for (const key of keys) {
        const message = keyFault(key);
        if (message) context.addIssue({ code: 'custom', path: [key], message });
      }
    })
    .meta({ maxProperties: MOST_TAGS });
}

function keyFault(key: string): string | undefined {
  if (key.length < 1 || key.length > 128) {
    return `has a name of ${key.length} characters; use 1 to 128`;
  }
  if (!CHARACTERS.test(key)) {
    return `has a name with a character that AWS refuses: use ${CHARACTERS_SAID}`;
  }
  if (/^aws:/i.test(key)) return 'begins with aws:, which AWS keeps for itself; rename it';
  if (/^account-vending:/i.test(key)) {
    return 'begins with account-vending:, which we set ourselves; remove it';
  }
  return undefined;
}
