import type { VendState } from '../../contract';
import { formatDuration } from '../../domain/duration';
import { hasEnded } from '../../domain/stages';
import type { Canvas } from './canvas';
import { cut, wrap, wrapCommand } from './fit';
import { plain, type Io } from '../io';
import { isEscalated, type Look } from '../vends/look';
import type { VendView } from '../vends/read-vend';
import { stageTimes } from './stage-times';
import {
  ageOf,
  clockTime,
  escalationAge,
  headline,
  moreAbout,
  nextSteps,
  outcomeLine,
  waitText,
} from './wording';

/** Room for the longest name of a stage. */
const STAGE_WIDTH = 12;

/** One vend with its stages below each other, what it waits for, and what a person can do. */
export function vendBlock(io: Io, look: Look, canvas: Canvas): string[] {
  const { ref, view } = look;
  const { paint, spinner, columns } = canvas;
  if (!view) return [`${paint.cyan(spinner)} ${paint.bold(ref.requestId)}  asking Temporal`];
  const title = titleLine(look, view, canvas);
  const { state } = view;
  if (!state) return [title, ...withoutState(look, view, canvas)];
  const stages = stageLines(view, state, canvas);
  if (view.status !== 'RUNNING') return [title, ...stages, ...ending(view, columns)];
  return [
    title,
    ...stages,
    ...lastNote(state, columns).map((line) => paint.dim(line)),
    ...(state.escalation ? question(io, state, canvas) : waiting(io, state, columns)),
    ...outage(look, canvas),
  ];
}

/** The same on fewer lines: the stages on one, and no message. */
export function briefBlock(io: Io, look: Look, canvas: Canvas): string[] {
  const { view } = look;
  const { paint, columns } = canvas;
  if (!view?.state) return vendBlock(io, look, canvas);
  const { state, closedAt } = view;
  const times = stageTimes(state, closedAt).filter(({ stage }) => !hasEnded(stage));
  const passed = times.map(({ stage, ms }) => `${stage} ${formatDuration(ms)}`).join(' → ');
  const lines = [titleLine(look, view, canvas), paint.dim(cut(`  ${passed}`, columns))];
  if (view.status !== 'RUNNING') return [...lines, ...ending(view, columns)];
  if (!state.escalation) {
    return [...lines, ...waiting(io, state, columns), ...outage(look, canvas)];
  }
  return [...lines, ...commands(io, state, columns), ...outage(look, canvas)];
}

function titleLine(look: Look, view: VendView, { paint, columns, ...canvas }: Canvas): string {
  const { requestId } = view;
  const isRunning = view.status === 'RUNNING';
  const spent = `${isRunning ? ',' : ' after'} ${formatDuration(ageOf(view))}${isRunning ? ' in all' : ''}`;
  const said = cut(`${headline(view)}${spent}`, columns - requestId.length - 4);
  return `${markOf(look, { paint, columns, ...canvas })} ${paint.bold(requestId)}  ${said}`;
}

/** One character that tells how a vend stands. */
export function markOf({ view, outage: isAway, silent }: Look, { paint, spinner }: Canvas): string {
  if (!view) return paint.cyan(spinner);
  if (isEscalated(view)) return paint.yellow('!');
  if (view.status === 'RUNNING') return isAway || silent ? paint.yellow('?') : paint.cyan(spinner);
  return view.status === 'COMPLETED' ? paint.green('✓') : paint.red('✗');
}

function stageLines(view: VendView, state: VendState, { paint, spinner }: Canvas): string[] {
  const times = stageTimes(state, view.closedAt).filter(({ stage }) => !hasEnded(stage));
  return times.map(({ stage, ms }, index) => {
    const isPast = view.status === 'COMPLETED' || index < times.length - 1;
    const present = view.status === 'RUNNING' ? paint.cyan(spinner) : paint.red('✗');
    const now = state.escalation ? paint.yellow('!') : present;
    const mark = isPast ? paint.green('✓') : now;
    return `  ${mark} ${stage.padEnd(STAGE_WIDTH)}${formatDuration(ms)}`;
  });
}

/** What happened last in the present stage, besides that it began. */
function lastNote(state: VendState, columns: number): string[] {
  const last = state.history.at(-1);
  if (last?.note === undefined || state.escalation) return [];
  return [cut(`    ${clockTime(last.at)}  ${plain(last.note)}`, columns)];
}

/** Also what a person can do, where nobody has to: an approval is one. */
function waiting(io: Io, state: VendState, columns: number): string[] {
  if (!state.waitingFor) return [];
  return [
    ...indented(wrap(`waits for ${waitText(state.waitingFor)}`, columns - 4), 4),
    ...commands(io, state, columns),
  ];
}

function question(io: Io, state: VendState, { paint, columns }: Canvas): string[] {
  const { escalation } = state;
  if (!escalation) return [];
  return [
    '',
    ...indented(wrap(plain(escalation.message), columns - 4), 4),
    ...indented(wrap(escalationAge(escalation), columns - 4), 4).map((line) => paint.dim(line)),
    '',
    '    You can:',
    ...commands(io, state, columns),
    ...moreAbout(escalation).map((line) => `    ${paint.dim(line)}`),
  ];
}

/** Not shortened, and broken only where a shell takes them so. */
export function commands(io: Io, state: VendState, columns: number): string[] {
  return nextSteps(io, state).flatMap((line) => indented(wrapCommand(line, columns - 6), 6));
}

function withoutState(look: Look, view: VendView, canvas: Canvas): string[] {
  if (view.status !== 'RUNNING') return ending(view, canvas.columns);
  if (look.outage) return outage(look, canvas);
  if (!look.silent) return [];
  return [
    canvas.paint.yellow('    no worker answers: start the worker, or see whether it is well'),
  ];
}

function ending(view: VendView, columns: number): string[] {
  return indented(wrap(outcomeLine(view), columns - 4), 4);
}

function outage({ outage: isAway }: Look, { paint }: Canvas): string[] {
  return isAway ? [paint.yellow('    Temporal does not answer; trying again')] : [];
}

function indented(lines: readonly string[], by: number): string[] {
  return lines.map((line) => `${' '.repeat(by)}${line}`);
}
