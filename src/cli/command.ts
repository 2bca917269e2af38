import { Command } from 'commander';
import { invalid, type ExitStatus } from './errors';
import type { Io } from './io';

/** What each command is given. */
export interface Cli {
  io: Io;
  /** Sets the exit status; without it the command ends with 0. */
  finish(status: ExitStatus): void;
}

/** Options that every command takes. */
export interface CommonOptions {
  json?: boolean;
  debug?: boolean;
}

/** A command of ours: it throws instead of ending the process, and writes where it is told to. */
export function newCommand(cli: Cli, name: string): Command {
  const { stdout, stderr } = cli.io;
  return new Command(name)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .allowExcessArguments(false);
}

export function subcommand(
  cli: Cli,
  name: string,
  about: { description: string; examples: readonly string[] },
): Command {
  const examples = about.examples.map((line) => `  $ vend ${line}`);
  return newCommand(cli, name)
    .description(about.description)
    .option('--json', 'print one JSON document on stdout and nothing else there')
    .option('--debug', 'show stack traces of errors')
    .showHelpAfterError(`See: ${cli.io.command} ${name} --help`)
    .addHelpText('after', ['', 'Examples:', ...examples].join('\n'));
}

/** Collects an option that may be given several times. */
export function repeated(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** `a,b` as a list; given again, what it names comes to what was named before. */
export function commaSeparated(value: string, before: string[] | undefined): string[] {
  const entries = value.split(',').map((entry) => entry.trim());
  return [...(before ?? []), ...entries.filter(Boolean)];
}

/** Of an option whose second value would drop the first without a word. */
export function once(flag: string): (value: string, before: string | undefined) => string {
  return (value, before) => {
    if (before === undefined) return value;
    throw invalid(`${flag} is given twice; give one.`);
  };
}
