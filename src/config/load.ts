import { existsSync } from 'node:fs';
import type { FieldProblem } from '../contract';
import { parseConfiguration, type Configuration } from './configuration';
import { readTextFile } from './read-text';
import { parseYaml } from './yaml';

const DEFAULT_FILE = 'vending.yaml';

/** The configuration cannot be used; `problems` says all that is wrong with it. */
export class ConfigurationError extends Error {
  readonly problems: FieldProblem[];

  constructor(source: string, problems: FieldProblem[]) {
    const faults = problems.map(({ field, message }) => `  ${field} ${message}`);
    super([`The configuration ${source} cannot be used:`, ...faults].join('\n'));
    this.name = 'ConfigurationError';
    this.problems = problems;
  }
}

/**
 * Reads the file that `path` names, else `VEND_CONFIG`, else `vending.yaml` where there is one, else
 * takes the defaults. A file that somebody named must be there.
 */
export function loadConfiguration(options: {
  path?: string | undefined;
  env?: NodeJS.ProcessEnv;
}): Configuration {
  const named = options.path ?? (options.env ?? process.env)['VEND_CONFIG'];
  const source = named || DEFAULT_FILE;
  const content = read(source, Boolean(named));
  const yaml =
    content === undefined ? ({ ok: true, value: {} } as const) : parseYaml(content, source);
  const parsed = yaml.ok ? parseConfiguration(yaml.value) : yaml;
  if (!parsed.ok) throw new ConfigurationError(source, parsed.problems);
  return parsed.value;
}

/** The file that {@link loadConfiguration} reads; undefined where it takes the defaults. */
export function configurationFile(options: {
  path?: string | undefined;
  env?: NodeJS.ProcessEnv;
}): string | undefined {
  const named = options.path ?? (options.env ?? process.env)['VEND_CONFIG'];
  return named || (existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined);
}

function read(source: string, mustExist: boolean): string | undefined {
  try {
    return readTextFile(source);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    if (code === 'ENOENT' && !mustExist) return undefined;
    const message = `cannot be read (${code}); give the path of a YAML file with --config or VEND_CONFIG`;
    throw new ConfigurationError(source, [{ field: source, message }]);
  }
}
