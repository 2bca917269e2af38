import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { WorldData } from './world';

const VERSION = 1;

/** Only the head is checked: nobody writes this file but the simulator. */
const head = z.looseObject({ version: z.literal(VERSION), time: z.number() });

export function loadState(file: string): WorldData | undefined {
  if (!existsSync(file)) return undefined;
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!head.safeParse(value).success) {
    throw new Error(
      `${file} is no state of this simulator (version ${VERSION}). Move it away, or name another file.`,
    );
  }
  return value as WorldData;
}

/** Whole and at once: a crash in the middle leaves the old state. */
export function saveState(file: string, data: WorldData): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(data));
  renameSync(`${file}.new`, file);
}
