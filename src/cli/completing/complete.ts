import type { Argument, Command, Option } from 'commander';
import { Stage } from '../../contract';
import { repeated } from '../command';
import { FILES } from './completion-scripts';
import { COLUMNS } from '../drawing/list-columns';
import { AMENDABLE } from '../vends/resolution';
import { PROFILES } from '../commands/simulator';

/** One thing that may be typed next. */
export interface Candidate {
  value: string;
  about?: string;
}

/** Whose request IDs a command takes. */
export type Whose = 'running' | 'escalated' | 'approving';

/** What may stand where the cursor is. */
export type Completions = Candidate[] | { ids: Whose; without: readonly string[] } | typeof FILES;

/**
 * What may stand where the cursor is, read from the commands themselves.
 * @param words behind the program's name; the last is the one that is being typed, perhaps empty
 */
export function complete(program: Command, words: readonly string[]): Completions {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const [name] = before;
  if (name === undefined) return typed.startsWith('-') ? options(program, []) : commandsOf(program);
  const command = program.commands.find((one) => one.name() === name);
  if (name === 'help') return before.length === 1 ? commandsOf(program) : [];
  if (!command) return [];
  const seen = read(command, before.slice(1));
  if (seen.waiting) return valuesOf(seen.waiting, typed);
  const [, flag, value] = /^(--[\w-]+)=(.*)$/.exec(typed) ?? [];
  if (flag !== undefined && !seen.onlyArguments) {
    const option = command.options.find(({ long }) => long === flag);
    const values = option && takesValue(option) ? valuesOf(option, value ?? '') : [];
    return Array.isArray(values)
      ? values.map((one) => ({ ...one, value: `${flag}=${one.value}` }))
      : values;
  }
  if (typed.startsWith('-') && !seen.onlyArguments) return options(command, seen.options);
  return argumentOf(command, seen.arguments, seen.options);
}

interface Seen {
  arguments: string[];
  options: Option[];
  /** An option whose value comes next. */
  waiting?: Option;
  /** `--` stood there. */
  onlyArguments: boolean;
}

function read(command: Command, words: readonly string[]): Seen {
  const seen: Seen = { arguments: [], options: [], onlyArguments: false };
  for (const word of words) {
    const { waiting } = seen;
    delete seen.waiting;
    if (waiting) continue;
    if (word === '--') seen.onlyArguments = true;
    else if (seen.onlyArguments || !word.startsWith('-')) seen.arguments.push(word);
    else {
      const [flag, value] = word.split('=', 2);
      const option = command.options.find(({ short, long }) => short === flag || long === flag);
      if (!option) continue;
      seen.options.push(option);
      if (option.required && value === undefined) seen.waiting = option;
    }
  }
  return seen;
}

function takesValue(option: Option): boolean {
  return option.required || option.optional;
}

function commandsOf(program: Command): Candidate[] {
  const visible = program.createHelp().visibleCommands(program);
  return visible.map((one) => ({ value: one.name(), about: firstSentence(one.description()) }));
}

function options(command: Command, used: readonly Option[]): Candidate[] {
  const visible = command.createHelp().visibleOptions(command);
  const left = visible.filter((option) => isRepeatable(option) || !used.includes(option));
  return left.map(({ long, short, description }) => ({
    value: long ?? short ?? '',
    about: firstSentence(description),
  }));
}

function isRepeatable({ parseArg, variadic }: Option): boolean {
  return variadic || parseArg === repeated;
}

function firstSentence(text: string): string {
  return text.split(/[.;:] /)[0]?.replace(/\.$/, '') ?? '';
}

/** Values that commander does not know of, by what stands for them in the help. */
export const VALUES: Readonly<Record<string, readonly string[]>> = {
  stage: Object.values(Stage),
  columns: COLUMNS,
  'pack|stage': [Stage.placing, Stage.readying, Stage.settling],
  'field=value': AMENDABLE.map((field) => `${field}=`),
  kind: ['standard', 'govcloud'],
  access: ['ALLOW', 'DENY'],
  scope: ['account', 'organization'],
  profile: PROFILES,
};
const FILE_LIKE = /\b(?:file|folder|directory|path|manifest)\b/;
/** Written as `a,b`. */
const LISTS = ['columns'];

function valuesOf(option: Option, typed: string): Completions {
  const placeholder = /[<[]([^>\]]+)[>\]]/.exec(option.flags)?.[1] ?? '';
  if (FILE_LIKE.test(placeholder)) return FILES;
  const values = option.argChoices ?? VALUES[placeholder] ?? [];
  const begun = LISTS.includes(placeholder) ? typed.slice(0, typed.lastIndexOf(',') + 1) : '';
  return values.map((value) => ({ value: `${begun}${value}` }));
}

function argumentOf(
  command: Command,
  given: readonly string[],
  used: readonly Option[],
): Completions {
  const all = command.registeredArguments;
  const last = all.at(-1);
  const argument = all[given.length] ?? (last?.variadic ? last : undefined);
  if (!argument) return [];
  if (argument.argChoices) return argument.argChoices.map((value) => ({ value }));
  if (FILE_LIKE.test(argument.name())) return FILES;
  if (!isId(argument) || used.some(({ long }) => long === '--organization' || long === '--all'))
    return [];
  return { ids: WHOSE[command.name()] ?? 'running', without: given };
}

function isId(argument: Argument): boolean {
  return argument.name() === 'id';
}

const WHOSE: Record<string, Whose> = {
  resolve: 'escalated',
  approve: 'approving',
  reject: 'approving',
};
