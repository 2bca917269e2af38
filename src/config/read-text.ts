import { statSync, readFileSync } from 'node:fs';

/** More than any manifest: what is larger was not meant. */
const LARGEST_FILE = 10_000_000;

/** It says so as the system does where a file is too large for it. */
function tooLarge(): NodeJS.ErrnoException {
  const message = `more than ${LARGEST_FILE / 1_000_000} MB`;
  return Object.assign(new Error(message), { code: `EFBIG, ${message}` });
}

export function readTextFile(path: string): string {
  if (statSync(path).size > LARGEST_FILE) throw tooLarge();
  return readFileSync(path, 'utf8');
}

/** What has no size beforehand: stdin, a pipe, a device. */
export async function readText(stream: AsyncIterable<Buffer | string>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > LARGEST_FILE) throw tooLarge();
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}
