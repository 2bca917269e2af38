import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding, FindingId, Level } from '../../src/cli/doctor/finding';
import { vend } from './run-vend';

export interface Diagnosis {
  status: number;
  ok: boolean;
  findings: Finding[];
  /** The finding of this id; the test fails where it is not there. */
  the(id: FindingId, level?: Level): Finding;
  has(id: FindingId): boolean;
  ms: number;
}

const folder = mkdtempSync(join(tmpdir(), 'vend-doctor-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;

/** A configuration file. */
export function configFile(configuration: object): string {
  files += 1;
  const file = join(folder, `${files}.yaml`);
  writeFileSync(file, JSON.stringify(configuration));
  return file;
}

/** `vend doctor --json`. */
export async function diagnosed(
  env: NodeJS.ProcessEnv,
  configuration: object,
  ...flags: string[]
): Promise<Diagnosis> {
  const began = Date.now();
  const argv = ['doctor', '--json', '--config', configFile(configuration), ...flags];
  const { status, stdout, stderr } = await vend(argv, { env });
  if (!stdout) throw new Error(stderr);
  const { ok, findings } = JSON.parse(stdout) as { ok: boolean; findings: Finding[] };
  return {
    status,
    ok,
    findings,
    ms: Date.now() - began,
    has: (id) => findings.some((one) => one.id === id),
    the(id, level) {
      const found = findings.find(
        (one) => one.id === id && (level === undefined || one.level === level),
      );
      if (found) return found;
      throw new Error(`there is no ${level ?? ''} ${id} in ${JSON.stringify(findings, null, 1)}`);
    },
  };
}

/** Sets variables of this process, which AWS's SDK reads, while `use` runs. */
export async function withEnv<T>(
  changes: Record<string, string | undefined>,
  use: () => Promise<T>,
): Promise<T> {
  const before = Object.fromEntries(Object.keys(changes).map((name) => [name, process.env[name]]));
  const set = (values: Record<string, string | undefined>) => {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
  set(changes);
  try {
    return await use();
  } finally {
    set(before);
  }
}
