import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** More than any manifest: what is larger was not meant. */
const LARGEST_FILE = 10_000_000;
/** Read at once. */
const CHUNK = 65_536;

/** It says so as the system does where a file is too large for it. */
function tooLarge(): NodeJS.ErrnoException {
  const message = `more than ${LARGEST_FILE / 1_000_000} MB`;
  return Object.assign(new Error(message), { code: `EFBIG, ${message}` });
}

/** Also of a pipe or a device, which has no size beforehand and may never end. */
export function readTextFile(path: string): string {
  const file = openSync(path, 'r');
  try {
    if (fstatSync(file).size > LARGEST_FILE) throw tooLarge();
    const kept = new Kept();
    const buffer = Buffer.alloc(CHUNK);
    for (;;) {
      const length = readSync(file, buffer);
      if (length === 0) return kept.text();
      kept.add(buffer.subarray(0, length));
    }
  } finally {
    closeSync(file);
  }
}

/** What has no size beforehand: stdin, a pipe, a device. */
export async function readText(stream: AsyncIterable<Buffer | string>): Promise<string> {
  const kept = new Kept();
  for await (const chunk of stream) kept.add(chunk);
  return kept.text();
}

/** What was read so far, and no more of it than is allowed. */
class Kept {
  readonly #chunks: Buffer[] = [];
  #size = 0;

  add(chunk: Buffer | string): void {
    const bytes = Buffer.from(chunk);
    this.#size += bytes.length;
    if (this.#size > LARGEST_FILE) throw tooLarge();
    this.#chunks.push(bytes);
  }

  /** Decoded as a whole: a character may stand in two chunks. */
  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}
