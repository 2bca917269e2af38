import { withoutAddresses } from '../../domain/redact';
import { colors, plain, type Colors, type Io } from '../io';
import { GROUPS, type Level } from './finding';
import type { Found } from './run-checks';

const MARKS: Record<Level, string> = { ok: '✓', note: '·', warning: '!', stop: '✗' };
/** As wide as is read without moving one's head. Commands are never broken. */
const WIDTH = 96;
const INDENT = '      ';

/** The page of `vend doctor`. What is well is one line; all else says what it means and what to do. */
export function doctorPage(io: Io, found: readonly Found[]): string[] {
  const paint = colors(io);
  return [
    ...GROUPS.flatMap((group) => {
      const some = found.filter((one) => one.group === group);
      if (some.length === 0) return [];
      return [paint.bold(group), ...some.flatMap((one) => lines(one, paint)), ''];
    }),
    verdict(found, paint),
  ];
}

function lines({ id, level, title, detail, fix }: Found, paint: Colors): string[] {
  const mark = painter(level, paint)(MARKS[level]);
  if (level === 'ok') return [`  ${mark} ${clean(title)}`];
  return [
    `  ${mark} ${clean(title)} ${paint.dim(`[${id}]`)}`,
    ...wrapped(clean(detail)).map((line) => paint.dim(`${INDENT}${line}`)),
    ...(fix === undefined ? [] : [`${INDENT}→ ${clean(fix)}`]),
  ];
}

/** Others' texts stand in it. */
function clean(text: string): string {
  return withoutAddresses(plain(text));
}

function painter(level: Level, paint: Colors): (text: string) => string {
  const painters = { ok: paint.green, note: paint.dim, warning: paint.yellow, stop: paint.red };
  return painters[level];
}

function wrapped(text: string): string[] {
  const out: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line && line.length + 1 + word.length > WIDTH) {
      out.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  return line ? [...out, line] : out;
}

function verdict(found: readonly Found[], paint: Colors): string {
  const stops = found.filter(({ level }) => level === 'stop');
  const warnings = found.filter(({ level }) => level === 'warning').length;
  const also = warnings === 0 ? '' : ` ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}.`;
  if (stops.length > 0) {
    const ids = [...new Set(stops.map(({ id }) => id))].join(', ');
    return paint.red(`A vend would not go through: ${ids}.${also}`);
  }
  return paint.green(`A vend would go through.${also}`);
}
