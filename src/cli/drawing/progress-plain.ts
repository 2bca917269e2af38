import { formatDuration } from '../../domain/duration';
import { hasEnded } from '../../domain/stages';
import { print, plain, type Io, type Output } from '../io';
import { isEscalated, stageOf, type Look } from '../vends/look';
import type { Progress } from './progress';
import type { VendView } from '../vends/read-vend';
import { counts } from './vend-table';
import { clockTime, moreAbout, nextSteps, outcomeLine, waitText } from './wording';

/** Of more than so many it is not told how each stood when the look began. */
const MANY = 20;

/** One line for each thing that is new, as a log keeps it. */
export function plainProgress(io: Io, stream: Output): Progress {
  const told = new Map<Look, Told>();
  let isFirst = true;
  let isAway = false;
  const show = (looks: readonly Look[]) => {
    const wasAway = isAway;
    isAway = looks.some(({ outage }) => outage);
    if (isAway !== wasAway) {
      const said = isAway ? 'does not answer; trying again' : 'answers again';
      print(stream, `${clockTime(new Date())}  Temporal ${said}`);
    }
    const isSummed = isFirst && looks.length > MANY && looks.some(({ view }) => view !== undefined);
    if (isSummed) print(stream, `${clockTime(new Date())}  ${counts(looks)}`);
    isFirst = false;
    for (const look of looks) {
      const before = told.get(look) ?? { keys: new Set(), atMs: 0 };
      told.set(look, before);
      for (const { key, lines, at, isKnownBefore } of news(io, look)) {
        const isOld = at !== undefined && Date.parse(at) <= before.atMs;
        if (before.keys.has(key) || (isKnownBefore && isOld)) continue;
        before.keys.add(key);
        if (isSummed && isKnownBefore) continue;
        const [first = '', ...more] = lines;
        print(stream, `${clockTime(at ?? new Date())}  ${look.ref.requestId}  ${first}`);
        print(stream, ...more.map((line) => `            ${line}`));
      }
      // What a list told is not told once more from the vend's own history.
      if (look.view && (isSummed || !look.view.state)) before.atMs = Date.now();
    }
  };
  return { show, end: () => undefined };
}

interface Told {
  keys: Set<string>;
  /** Up to here all is told. */
  atMs: number;
}

interface News {
  /** The same news is told once. */
  key: string;
  lines: string[];
  /** Where it is known when it happened. */
  at?: string;
  /** It says what has been, and not what somebody should do now. */
  isKnownBefore?: boolean;
}

function news(io: Io, look: Look): News[] {
  const { view, silent } = look;
  const found: News[] = [];
  if (!view) return found;
  if (silent) {
    const line = `no worker answers; Temporal says ${view.status}`;
    found.push({ key: `silent ${view.status}`, lines: [line] });
  }
  const passed = view.state ? history(view) : listed(view, silent ?? false);
  return [...found, ...passed, ...(view.status === 'RUNNING' ? wait(io, view) : end(view))];
}

/** The stages passed and what happened in them, from the vend itself. */
function history({ state }: VendView): News[] {
  const found: News[] = [];
  const visits = new Map<string, number>();
  let escalations = 0;
  let before: { stage: string; at: string } | undefined;
  for (const [index, { at, stage, note }] of state?.history.entries() ?? []) {
    if (note === undefined) {
      visits.set(stage, (visits.get(stage) ?? 0) + 1);
      const took = before ? ` (${before.stage} took ${spent(before.at, at)})` : '';
      before = { stage, at };
      // An end is told with more, below.
      if (hasEnded(stage)) continue;
      const key = `${stage} #${visits.get(stage)}`;
      found.push({ key, lines: [`${stage}${took}`], at, isKnownBefore: true });
      continue;
    }
    const isEscalation = note.startsWith('escalated');
    if (isEscalation) escalations += 1;
    // While it is open it is told with what can be done, and then only once.
    if (isEscalation && state?.escalation?.id === `e${escalations}`) continue;
    const key = isEscalation ? `escalation e${escalations}` : `history ${index}`;
    found.push({ key, lines: [`${stage}: ${plain(note)}`], at, isKnownBefore: true });
  }
  return found;
}

function spent(from: string, to: string): string {
  return formatDuration(Date.parse(to) - Date.parse(from));
}

/** What Temporal's list alone tells. */
function listed(view: VendView, silent: boolean): News[] {
  const stage = stageOf(view);
  const found: News[] = stage ? [{ key: `${stage} #1`, lines: [stage], isKnownBefore: true }] : [];
  if (!silent || !isEscalated(view)) return found;
  const reason = plain(view.attributes['VendEscalation'] ?? '');
  return [...found, { key: `escalation ${reason}`, lines: [`needs a person: ${reason}`] }];
}

function wait(io: Io, { state }: VendView): News[] {
  if (state?.escalation) {
    const { id, reason, message } = state.escalation;
    const told = [
      `needs a person: ${plain(reason)}. ${plain(message)}`,
      ...nextSteps(io, state),
      ...moreAbout(state.escalation),
    ];
    return [{ key: `escalation ${id}`, lines: told }];
  }
  if (!state?.waitingFor) return [];
  // The same wait is told once: counters and the time of the next look change at every look.
  const [what = ''] = plain(state.waitingFor).split('; ');
  const key = `${state.stage} ${what.replaceAll(/[0-9a-f]{8,}|\d+/g, '#')}`;
  return [
    { key, lines: [`waits for ${waitText(what)}`, ...nextSteps(io, state)], isKnownBefore: true },
  ];
}

function end(view: VendView): News[] {
  const at = view.closedAt === undefined ? {} : { at: view.closedAt };
  return [{ key: 'end', lines: [outcomeLine(view)], ...at }];
}
