import type { WatchState } from '../../contract';
import { reasonOf } from '../aws-error';
import { withoutAddresses } from '../redact';
import { isDone } from './subscriber';
import type { Watch } from './watch';

const MOST_SHOWN = 50;

/** What the query `state` of the watch answers. */
export function watchState(watch: Watch, iso: (ms: number) => string): WatchState {
  const open = watch.open();
  const isWaitedFor = (key: string) =>
    open.filter(({ pairs }) => {
      const pair = pairs.get(key);
      return pair !== undefined && pair.progress.verdict?.is !== 'done';
    }).length;
  return {
    organizationId: watch.organizationId,
    region: watch.region,
    waiting: open.length,
    packs: [...watch.packs].map(([key, { pack, owner, aggregate, fault }]) => ({
      pack,
      ...(owner ? { owner } : {}),
      waiting: isWaitedFor(key),
      ...(aggregate ? { status: aggregate } : {}),
      ...(fault ? { fault: reasonOf(fault.error) } : {}),
    })),
    accounts: open.slice(0, MOST_SHOWN).map(({ holder, accountId, pairs }) => ({
      requestId: holder.requestId,
      workflowId: holder.workflowId,
      accountId,
      open: [...pairs.values()]
        .filter(({ progress }) => progress.verdict?.is !== 'done')
        .map(({ progress: { pack, seen } }) => `${pack} (${seen?.row?.status ?? 'NO_ROW'})`),
    })),
    looks: watch.looks,
    ...(watch.lastLookAtMs === undefined ? {} : { lastLookAt: iso(watch.lastLookAtMs) }),
    ...(open.length === 0 ? {} : { nextLookAt: iso(watch.nextRoundAtMs) }),
    calls: { ...watch.calls },
    waitingFor: whatIsWaitedFor(watch, open.length, iso),
  };
}

function whatIsWaitedFor(watch: Watch, waiting: number, iso: (ms: number) => string): string {
  const done = [...watch.subscribers.values()].filter(isDone).length;
  if (waiting === 0) {
    return done > 0 ? `${done} vends to hear that they are ready` : 'a vend that needs it';
  }
  if (watch.isLooking) return 'AWS Config to answer';
  const slower = watch.slowness > 0 ? ', more seldom since AWS throttles' : '';
  return `the next look at ${iso(watch.nextRoundAtMs)}${slower}`;
}

/** The watch's page in the Web UI, as Markdown. */
export function watchDetails(state: WatchState): string {
  const { calls } = state;
  const lines = [
    `**${state.waiting} ${state.waiting === 1 ? 'account waits' : 'accounts wait'} for conformance packs in ${state.region}**`,
    '',
    `- Waiting for: ${state.waitingFor}`,
    `- Looks: ${state.looks}${state.lastLookAt ? `, the last at ${state.lastLookAt}` : ''}`,
    `- AWS Config calls: ${calls.lists} for lists, ${calls.confirming} to confirm an account, ${calls.rowless} for accounts without a row; ${calls.throttled} were throttled`,
  ];
  if (state.packs.length > 0) lines.push('', '**Packs**', '');
  for (const { pack, owner, waiting, status, fault } of state.packs) {
    const whole = status ? `, organization-wide ${status}` : '';
    const refused = fault ? `, AWS refuses the look: ${fault}` : '';
    lines.push(`- ${pack}${owner ? ` of ${owner}` : ''}: ${waiting} waiting${whole}${refused}`);
  }
  if (state.accounts.length > 0) lines.push('', '**Accounts**', '');
  for (const { requestId, accountId, open } of state.accounts) {
    lines.push(`- ${requestId} (\`${accountId}\`): ${open.join(', ')}`);
  }
  if (state.waiting > state.accounts.length) {
    lines.push(`- and ${state.waiting - state.accounts.length} more`);
  }
  return withoutAddresses(lines.join('\n'));
}
