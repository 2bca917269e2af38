import { formatDuration } from '../../domain/duration';
import { cut } from './fit';
import { invalid } from '../errors';
import { clockTime } from './wording';
import { plain } from '../io';
import { fitColumns } from './table';

/** One line of the list. */
export interface Row {
  requestId: string;
  workflowId: string;
  runId: string;
  status: string;
  stage: string | null;
  escalation?: string;
  accountId?: string;
  organizationalUnitId?: string;
  startedAt: string;
  closedAt?: string;
}

interface ListColumn {
  cell: (row: Row) => string;
  /** Where there is no room: the highest goes first, what has none stays. */
  goes?: number;
  /** It may be cut so far. */
  least?: number;
  /** Shown only where it is asked for. */
  isExtra?: boolean;
}

const OF = {
  request: { cell: ({ requestId }) => plain(requestId) },
  stage: { cell: ({ stage }) => plain(stage ?? '-'), goes: 1 },
  escalation: { cell: ({ escalation }) => plain(escalation ?? '-'), goes: 2, least: 16 },
  account: { cell: ({ accountId }) => plain(accountId ?? '-'), goes: 3 },
  unit: { cell: ({ organizationalUnitId }) => plain(organizationalUnitId ?? '-'), goes: 5 },
  started: { cell: ({ startedAt }) => `${ageSince(startedAt)} ago`, goes: 4 },
  status: { cell: ({ status }) => status, goes: 6 },
  workflow: { cell: ({ workflowId }) => plain(workflowId), isExtra: true },
  run: { cell: ({ runId }) => runId, isExtra: true },
  began: { cell: ({ startedAt }) => clockTime(startedAt), isExtra: true },
  ended: { cell: ({ closedAt }) => (closedAt ? clockTime(closedAt) : '-'), isExtra: true },
} as const satisfies Record<string, ListColumn>;

export type ColumnName = keyof typeof OF;
export const COLUMNS = Object.keys(OF) as ColumnName[];

function columnOf(name: ColumnName): ListColumn {
  return OF[name];
}

function ageSince(at: string): string {
  return formatDuration(Date.now() - Date.parse(at));
}

/** The columns that `--columns` names. */
export function readColumns(given: readonly string[]): ColumnName[] {
  const unknown = given.filter((name) => !COLUMNS.some((one) => one === name));
  const known = [...new Set(given)].flatMap((name) => COLUMNS.find((one) => one === name) ?? []);
  if (known.length > 0 && unknown.length === 0) return known;
  const which = unknown.length > 0 ? ` (not ${unknown.map((name) => plain(name)).join(', ')})` : '';
  throw invalid(
    `--columns must be a list such as request,stage of: ${COLUMNS.join(', ')}${which}.`,
  );
}

/**
 * The list as lines, the titles first.
 * @param chosen columns that are shown whatever the width
 * @param width of the terminal; undefined where nobody looks, and nothing is left out
 */
export function listLines(
  rows: readonly Row[],
  chosen: readonly ColumnName[] | undefined,
  width: number | undefined,
): string[] {
  const names = chosen ?? COLUMNS.filter((name) => !columnOf(name).isExtra);
  const columns = names.map((name) => {
    const { cell, goes, least } = columnOf(name);
    const cells = [name.toUpperCase(), ...rows.map((row) => cell(row))];
    return {
      name,
      cells,
      width: Math.max(...cells.map(({ length }) => length)),
      ...(chosen || goes === undefined ? {} : { goes }),
      ...(least === undefined ? {} : { least }),
    };
  });
  const fitting = fitColumns(columns, width ?? Infinity);
  return ['titles', ...rows].map((_, line) =>
    fitting
      .map((column) => cut(column.cells[line] ?? '', column.width).padEnd(column.width))
      .join('  ')
      .trimEnd(),
  );
}
