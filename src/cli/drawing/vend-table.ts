import { formatDuration } from '../../domain/duration';
import type { Canvas } from './canvas';
import { cut } from './fit';
import { plain, type Io } from '../io';
import { isEscalated, isOpen, stageOf, type Look } from '../vends/look';
import { timeInStage } from './stage-times';
import { fitColumns, type Column } from './table';
import { commands, markOf } from './vend-block';
import { ageOf, outcomeLine } from './wording';

/** Of the lines there are, so many at most say what can be done. */
const SHARE_OF_ANSWERS = 3;

/** Many vends: one line each, those that need a person on top, and what can be done for them. */
export function vendTable(io: Io, looks: readonly Look[], canvas: Canvas): string[] {
  const { rows, columns, paint } = canvas;
  const head = [paint.bold(cut(counts(looks), columns))];
  const sorted = [...looks].sort(inOrder);
  const answers = answerLines(io, sorted, canvas);
  const space = Math.max(1, rows - head.length - 1 - answers.length);
  const shown = sorted.length <= space ? sorted : sorted.slice(0, Math.max(1, space - 1));
  const left = sorted.slice(shown.length);
  const more = left.length > 0 ? [paint.dim(cut(moreLine(left), columns))] : [];
  return [...head, ...rowsOf(shown, canvas), ...more, ...answers];
}

type Name = 'REQUEST' | 'STAGE' | 'IN STAGE' | 'ACCOUNT' | 'NOTE';
type Cells = Record<Name, string>;

function rowsOf(looks: readonly Look[], canvas: Canvas): string[] {
  const { paint, columns } = canvas;
  const titles: Cells = {
    REQUEST: 'REQUEST',
    STAGE: 'STAGE',
    'IN STAGE': 'IN STAGE',
    ACCOUNT: 'ACCOUNT',
    NOTE: 'NOTE',
  };
  const cells = looks.map(cellsOf);
  const widest = (name: Name) => Math.max(...[titles, ...cells].map((row) => row[name].length));
  const wanted: Column<Name>[] = [
    { name: 'REQUEST', width: widest('REQUEST') },
    { name: 'STAGE', width: widest('STAGE'), goes: 1 },
    { name: 'IN STAGE', width: widest('IN STAGE'), goes: 3 },
    { name: 'ACCOUNT', width: widest('ACCOUNT'), goes: 4 },
    { name: 'NOTE', width: widest('NOTE'), goes: 2, least: 16 },
  ];
  // The mark and a space stand before.
  const fitting = fitColumns(wanted, columns - 2);
  const lineOf = (row: Cells) =>
    fitting
      .map(({ name, width }) => (name === 'NOTE' ? cut(row[name], width) : row[name]).padEnd(width))
      .join('  ')
      .trimEnd();
  const plainMark = { ...canvas, spinner: '·' };
  return [
    paint.dim(`  ${lineOf(titles)}`),
    ...looks.map((look, index) => {
      const line = lineOf(cells[index] ?? titles);
      const isDone = look.view?.status === 'COMPLETED';
      return `${markOf(look, plainMark)} ${isDone ? paint.dim(line) : line}`;
    }),
  ];
}

function cellsOf(look: Look): Cells {
  const { ref, view } = look;
  return {
    REQUEST: ref.requestId,
    STAGE: stageShown(look),
    'IN STAGE': inStage(look),
    ACCOUNT: view?.state?.accountId ?? view?.attributes['VendAccountId'] ?? '-',
    NOTE: noteOf(look),
  };
}

function stageShown({ view }: Look): string {
  return view ? (stageOf(view) ?? view.status) : '-';
}

/** Lists do not tell since when; it cannot be longer than since the start. */
function inStage(look: Look): string {
  const { view } = look;
  if (view?.status !== 'RUNNING') return '-';
  const ms = timeInStage(look);
  return ms === undefined ? `≤ ${formatDuration(ageOf(view))}` : formatDuration(ms);
}

function noteOf({ view, outage, silent }: Look): string {
  if (!view) return 'asking Temporal';
  if (outage) return 'Temporal does not answer';
  if (view.status !== 'RUNNING') return view.status === 'COMPLETED' ? '' : outcomeLine(view);
  const reason = view.state?.escalation?.reason ?? view.attributes['VendEscalation'];
  if (reason && isEscalated(view)) return plain(reason);
  if (silent) return 'no worker answers';
  // Counts and times grow old between two looks.
  const [wait = ''] = plain(view.state?.waitingFor ?? '').split(/; |: | \(/);
  return wait;
}

/** Who needs a person, who ended badly, who is under way (furthest first), who waits, who is done. */
function inOrder(a: Look, b: Look): number {
  return (
    rank(a) - rank(b) ||
    began(a).localeCompare(began(b)) ||
    a.ref.requestId.localeCompare(b.ref.requestId)
  );
}

function rank({ view }: Look): number {
  if (!view) return 5;
  if (view.status === 'COMPLETED') return 6;
  if (view.status !== 'RUNNING') return 2;
  // One answer for all of them stands below; the others need one each.
  if (isEscalated(view)) return view.state?.escalation?.scope === 'organization' ? 1 : 0;
  return stageOf(view) === 'queued' ? 4 : 3;
}

function began({ view }: Look): string {
  return view?.startedAt ?? '';
}

/** `60 vends: 2 need a person, 1 failed, 37 under way, 20 done`. */
export function counts(looks: readonly Look[]): string {
  const views = looks.flatMap(({ view }) => view ?? []);
  const escalated = views.filter(isEscalated).length;
  const ended = views.filter(({ status }) => status !== 'RUNNING');
  const done = ended.filter(({ status }) => status === 'COMPLETED').length;
  const parts: [number, string][] = [
    [escalated, escalated === 1 ? 'needs a person' : 'need a person'],
    [ended.length - done, 'ended otherwise'],
    [looks.filter(isOpen).length - escalated, 'under way'],
    [done, 'done'],
  ];
  const told = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return `${looks.length} ${looks.length === 1 ? 'vend' : 'vends'}: ${told.join(', ')}`;
}

/** `… and 480 more: 300 conforming, 180 queued`. */
function moreLine(left: readonly Look[]): string {
  const byStage = new Map<string, number>();
  for (const look of left) {
    const stage = look.view && isEscalated(look.view) ? 'in need of a person' : stageShown(look);
    byStage.set(stage, (byStage.get(stage) ?? 0) + 1);
  }
  const told = [...byStage]
    .sort(([, a], [, b]) => b - a)
    .map(([stage, count]) => `${count} ${stage}`);
  return `  … and ${left.length} more: ${told.join(', ')}`;
}

/** What a person can do, for as many as there is room for: each different question once. */
function answerLines(io: Io, sorted: readonly Look[], { paint, columns, rows }: Canvas): string[] {
  const lines: string[] = [];
  const most = Math.floor(rows / SHARE_OF_ANSWERS);
  const told = new Set<string>();
  for (const { ref, view } of sorted) {
    const escalation = view && isEscalated(view) ? view.state?.escalation : undefined;
    if (!view?.state || !escalation) continue;
    const forAll = escalation.scope === 'organization';
    if (forAll && told.has(escalation.reason)) continue;
    told.add(escalation.reason);
    const whom = forAll ? 'The organization is held back' : ref.requestId;
    const said = cut(`! ${whom}: ${plain(escalation.message)}`, columns);
    const full = commands(io, view.state, columns);
    const short = [`      ${io.command} show ${ref.requestId}`];
    // Half a command, or half of the answers, would mislead.
    const fitting = [full, short].find((those) => lines.length + 2 + those.length <= most);
    if (!fitting) break;
    lines.push('', paint.yellow(said), ...fitting);
  }
  return lines;
}
