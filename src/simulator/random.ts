/** A length of time in milliseconds: fixed, evenly between two ends, log-normal, or a mix. */
export type Duration =
  | number
  | { min: number; max: number }
  | { median: number; sigma: number }
  | { mix: readonly { share: number; min: number; max: number }[] };

/** Numbers from 0 to 1, the same ones for the same seed. */
export type RandomStream = () => number;

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

function hash(text: string): number {
  let value = FNV_OFFSET;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), FNV_PRIME);
  }
  return value >>> 0;
}

function mulberry32(start: number): RandomStream {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * All randomness of a simulator. Streams are named by what they decide, so that one decision does
 * not move another: a poll more or less changes no creation time.
 */
export class Randomness {
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  stream(...names: (string | number)[]): RandomStream {
    return mulberry32(hash(`${this.#seed}/${names.join('/')}`));
  }

  chance(probability: number, ...names: (string | number)[]): boolean {
    if (probability <= 0) return false;
    return this.stream(...names)() < probability;
  }

  duration(duration: Duration, ...names: (string | number)[]): number {
    return sample(duration, this.stream(...names));
  }
}

function sample(duration: Duration, random: RandomStream): number {
  if (typeof duration === 'number') return duration;
  if ('median' in duration) {
    return Math.round(duration.median * Math.exp(duration.sigma * standardNormal(random)));
  }
  if ('mix' in duration) {
    let left = random();
    for (const part of duration.mix) {
      if (left < part.share) return between(part.min, part.max, random);
      left -= part.share;
    }
    const last = duration.mix.at(-1);
    return last ? between(last.min, last.max, random) : 0;
  }
  return between(duration.min, duration.max, random);
}

function between(min: number, max: number, random: RandomStream): number {
  return Math.round(min + (max - min) * random());
}

function standardNormal(random: RandomStream): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}

export function pick(random: RandomStream, alphabet: string, length: number): string {
  let text = '';
  while (text.length < length) text += alphabet.charAt(Math.floor(random() * alphabet.length));
  return text;
}
