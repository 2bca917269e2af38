import type { Client } from '@temporalio/client';
import { Stage } from '../../contract';
import { forEachAtOnce } from '../vends/at-once';
import { colors, plain, type Io } from '../io';
import type { Entry, Plan } from './plan-batch';
import { readVend } from '../vends/read-vend';
import { table } from '../drawing/table';
import { nextSteps } from '../drawing/wording';

/** How a batch is told to a person at a terminal, and as JSON. */

export interface Counts {
  total: number;
  new: number;
  waiting: number;
  running: number;
  needPerson: number;
  /** Of those that run: they wait for an approval. */
  approving: number;
  done: number;
  ended: number;
  /** Of those that are there: the file now differs, and that is not applied. */
  changed: number;
}

export function countEntries(entries: readonly Entry[]): Counts {
  const count = (test: (entry: Entry) => boolean) => entries.filter(test).length;
  return {
    total: entries.length,
    new: count(({ standing }) => standing === 'new'),
    waiting: count(({ standing }) => standing === 'waiting'),
    running: count(({ standing }) => standing === 'running'),
    needPerson: count(needsPerson),
    approving: count(isApproving),
    done: count(({ standing }) => standing === 'done'),
    ended: count(({ standing }) => standing === 'ended'),
    changed: count(({ changed }) => changed.length > 0),
  };
}

export function needsPerson({ standing, vend }: Entry): boolean {
  return standing === 'running' && vend?.escalation !== undefined;
}

/** Nothing is wrong with it, and it goes on only when somebody says so. */
export function isApproving(entry: Entry): boolean {
  const { standing, vend } = entry;
  return standing === 'running' && vend?.stage === Stage.approving && !needsPerson(entry);
}

/** `3 new, 1 running (1 needs a person), 16 done`. */
export function countsLine(counts: Counts): string {
  const { needPerson, approving } = counts;
  const people = [
    needPerson > 0 ? `${needPerson} ${needPerson === 1 ? 'needs' : 'need'} a person` : '',
    approving > 0 ? `${approving} ${approving === 1 ? 'waits' : 'wait'} for an approval` : '',
  ].filter(Boolean);
  const parts = [
    counts.new > 0 ? `${counts.new} new` : '',
    counts.waiting > 0 ? `${counts.waiting} waiting for their turn` : '',
    counts.running > 0
      ? `${counts.running} running${people.length > 0 ? ` (${people.join(', ')})` : ''}`
      : '',
    counts.done > 0 ? `${counts.done} done` : '',
    counts.ended > 0 ? `${counts.ended} ended otherwise` : '',
    counts.changed > 0 ? `${counts.changed} changed since, not applied` : '',
  ];
  return parts.filter(Boolean).join(', ') || 'nothing';
}

/** What stands there of each account, line by line. */
export function planLines(io: Io, plan: Plan, restart: boolean): string[] {
  const paint = colors(io);
  const { loaded, entries } = plan;
  const { name } = loaded.manifest;
  const count = entries.length === 1 ? 'one account' : `${entries.length} accounts`;
  const rows = entries.map((entry) => [entry.standing, entry.requestId, remark(entry, restart)]);
  return [`${paint.bold(name)}  ${loaded.file}: ${count}`, ...table(rows).map((row) => `  ${row}`)];
}

function remark({ standing, vend, changed, failure }: Entry, restart: boolean): string {
  const differs = changed.length > 0 ? `now differs in ${changed.join(', ')}: not applied` : '';
  const parts = () => {
    switch (standing) {
      case 'new':
        return [];
      case 'waiting':
        return ['its batch starts it when it is its turn'];
      case 'running': {
        const reason = vend?.escalation;
        return [
          vend?.stage ?? '',
          reason ? `needs a person: ${plain(reason)}` : '',
          vend?.accountId ?? '',
        ];
      }
      case 'done':
        return [vend?.accountId ?? ''];
      case 'ended':
        return [
          failure ?? vend?.status ?? 'never started',
          restart ? 'started again' : 'left alone: --restart starts it again',
        ];
    }
  };
  return [...parts(), differs].filter(Boolean).join('; ');
}

/** Of so many the lines are worked out that a person can type. */
const MOST_ASKED = 20;

/** Those that wait for somebody, each with what can be typed now. */
export async function peopleLines(
  io: Io,
  client: Client,
  entries: readonly Entry[],
): Promise<string[]> {
  return [
    ...(await askedLines(io, client, entries.filter(needsPerson))),
    ...approvalLines(io, entries),
  ];
}

function approvalLines(io: Io, entries: readonly Entry[]): string[] {
  const approving = entries.filter(isApproving);
  if (approving.length === 0) return [];
  const more = approving.length - MOST_ASKED;
  return [
    approving.length === 1
      ? 'One waits for an approval:'
      : `${approving.length} wait for an approval:`,
    ...approving
      .slice(0, MOST_ASKED)
      .map(({ requestId }) => `    ${io.command} approve ${requestId}`),
    ...(more > 0 ? [`  and ${more} more: ${io.command} list --stage approving`] : []),
  ];
}

async function askedLines(io: Io, client: Client, asked: readonly Entry[]): Promise<string[]> {
  if (asked.length === 0) return [];
  const paint = colors(io);
  const blocks = await forEachAtOnce(asked.slice(0, MOST_ASKED), async ({ requestId, vend }) => {
    const view = vend && (await readVend(client, vend).catch(() => undefined));
    const steps = view?.state ? nextSteps(io, view.state) : [];
    const lines = steps.length > 0 ? steps : [`${io.command} show ${requestId}`];
    const reason = plain(vend?.escalation ?? '');
    return [`  ${paint.yellow(`${requestId}: ${reason}`)}`, ...lines.map((line) => `    ${line}`)];
  });
  const more = asked.length - MOST_ASKED;
  return [
    asked.length === 1 ? 'One needs a person:' : `${asked.length} need a person:`,
    ...blocks.flat(),
    ...(more > 0 ? [`  and ${more} more: ${io.command} list --escalated`] : []),
  ];
}

export function planToJson(
  plan: Plan,
  started: ReadonlySet<Entry>,
  refused?: string,
): Record<string, unknown> {
  const { loaded, workflowId, entries } = plan;
  return {
    name: loaded.manifest.name,
    file: loaded.file,
    workflowId,
    ...(refused ? { refused } : {}),
    counts: countEntries(entries),
    accounts: entries.map((entry) => entryToJson(entry, started.has(entry))),
  };
}

function entryToJson(entry: Entry, started: boolean): Record<string, unknown> {
  const { requestId, standing, vend, changed, failure } = entry;
  return {
    requestId,
    standing,
    started,
    changed,
    ...(vend
      ? {
          workflowId: vend.workflowId,
          runId: vend.runId,
          status: vend.status,
          stage: vend.stage ?? null,
          ...(vend.accountId ? { accountId: vend.accountId } : {}),
          ...(vend.escalation ? { escalation: vend.escalation } : {}),
        }
      : {}),
    ...(failure ? { failure } : {}),
  };
}
