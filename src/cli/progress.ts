import type { Stage } from '../contract';
import { formatDuration } from '../domain/duration';
import type { Look } from './follow';
import { colors, isLive, plain, print, type Io, type Output } from './io';
import { ageOf, clockTime, headline, moreAbout, nextSteps, outcomeLine, waitText } from './wording';

export interface Progress {
  show: (looks: readonly Look[]) => void;
  /** Leaves the last picture. May be called again. */
  end: () => void;
}

/** Redrawn in place where a person looks, plain lines elsewhere. */
export async function showProgress(io: Io, stream: Output): Promise<Progress> {
  return isLive(stream) ? liveProgress(io, stream) : plainProgress(io, stream);
}

/** One line for each thing that is new. */
function plainProgress(io: Io, stream: Output): Progress {
  const said = new Map<string, Set<string>>();
  const show = (looks: readonly Look[]) => {
    for (const look of looks) {
      const { requestId } = look.ref;
      const before = said.get(requestId) ?? new Set();
      said.set(requestId, before);
      for (const { key, lines, at } of news(io, look)) {
        if (before.has(key)) continue;
        before.add(key);
        const [first = '', ...more] = lines;
        print(stream, `${clockTime(at ?? new Date())}  ${requestId}  ${first}`);
        print(stream, ...more.map((line) => `            ${line}`));
      }
    }
  };
  return { show, end: () => undefined };
}

interface News {
  /** The same news is told once. */
  key: string;
  lines: string[];
  /** Where it is known when it happened. */
  at?: string;
}

function news(io: Io, { view, outage }: Look): News[] {
  const found: News[] = [];
  if (outage) found.push({ key: 'outage', lines: ['Temporal does not answer; trying again'] });
  if (!view) return found;
  const { state } = view;
  if (!state) {
    const line = `no worker answers; Temporal says ${view.status}`;
    return [...found, { key: `silent ${view.status}`, lines: [line] }, ...endOf(view)];
  }
  let escalations = 0;
  for (const [index, { at, stage, note }] of state.history.entries()) {
    // An end is told with more below; an escalation too, while it is open, and then only once.
    if (note === undefined && isEnd(stage)) continue;
    const isEscalation = note?.startsWith('escalated') ?? false;
    if (isEscalation) escalations += 1;
    if (isEscalation && state.escalation?.id === `e${escalations}`) continue;
    const key = isEscalation ? `escalation e${escalations}` : `history ${index}`;
    found.push({ key, lines: [note ? `${stage}: ${plain(note)}` : stage], at });
  }
  if (state.escalation && view.status === 'RUNNING') {
    const { id, reason, message } = state.escalation;
    const told = [
      `needs a person: ${plain(reason)}. ${plain(message)}`,
      ...nextSteps(io, state),
      ...moreAbout(state.escalation),
    ];
    found.push({ key: `escalation ${id}`, lines: told });
  } else if (state.waitingFor && view.status === 'RUNNING') {
    // The same wait is told once: counters and the time of the next look change at every look.
    const [wait = ''] = plain(state.waitingFor).split('; ');
    const key = `${state.stage} ${wait.replaceAll(/[0-9a-f]{8,}|\d+/g, '#')}`;
    found.push({ key, lines: [`waits for ${wait}`] });
  }
  return [...found, ...endOf(view)];
}

function isEnd(stage: Stage): boolean {
  switch (stage) {
    case 'done':
    case 'failed':
    case 'cancelled':
    case 'abandoned':
      return true;
    default:
      return false;
  }
}

function endOf(view: NonNullable<Look['view']>): News[] {
  if (view.status === 'RUNNING') return [];
  const at = view.closedAt === undefined ? {} : { at: view.closedAt };
  return [{ key: 'end', lines: [outcomeLine(view)], ...at }];
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;

async function liveProgress(io: Io, stream: Output): Promise<Progress> {
  const { createLogUpdate } = await import('log-update');
  const update = createLogUpdate(stream, { showCursor: true });
  const paint = colors(io, stream);
  let current: readonly Look[] = [];
  let frame = 0;
  const draw = () => {
    const spinner = FRAMES[(frame += 1) % FRAMES.length] ?? '';
    update(current.map((look) => picture(look, spinner)).join('\n'));
  };
  const picture = ({ ref, view, outage }: Look, spinner: string): string => {
    if (!view) return `${spinner} ${ref.requestId}  asking Temporal`;
    const { state } = view;
    const isRunning = view.status === 'RUNNING';
    const mark = markOf(view, isRunning && !state?.escalation ? paint.cyan(spinner) : undefined);
    const lines = [`${mark} ${paint.bold(ref.requestId)}  ${headline(view)}`];
    const age = formatDuration(ageOf(view));
    if (state) {
      const stages = state.history.filter(({ note }) => !note).map(({ stage }) => stage);
      lines.push(paint.dim(`  ${[...new Set(stages)].join(' → ')}  ${age}`));
    }
    if (isRunning && state?.escalation) {
      lines.push(`  ${plain(state.escalation.message)}`);
      lines.push(...nextSteps(io, state).map((line) => `    ${line}`));
      lines.push(...moreAbout(state.escalation).map((line) => `  ${line}`));
    } else if (isRunning && state?.waitingFor) {
      lines.push(`  waits for ${waitText(state.waitingFor)}`);
    }
    if (outage) lines.push(paint.yellow('  Temporal does not answer; trying again'));
    if (!isRunning) lines.push(`  ${outcomeLine(view)}`);
    return lines.join('\n');
  };
  const markOf = (view: NonNullable<Look['view']>, spinner: string | undefined): string => {
    if (spinner) return spinner;
    if (view.status === 'RUNNING') return paint.yellow('!');
    return view.status === 'COMPLETED' ? paint.green('✓') : paint.red('✗');
  };
  const timer = setInterval(draw, FRAME_MS);
  let ended = false;
  return {
    show: (looks) => {
      current = looks;
      draw();
    },
    end: () => {
      if (ended) return;
      ended = true;
      clearInterval(timer);
      update.done();
    },
  };
}
