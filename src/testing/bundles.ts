import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** A bundle that the build made, seen from src/testing and from lib/testing alike. */
export function bundleAt(path: string): string {
  const file = join(__dirname, '..', '..', 'lib', path);
  if (existsSync(file)) return file;
  throw new Error(`there is no workflow bundle at ${file}: run "npm run build" in account-vending`);
}
