import type { WatchPackState, WatchState } from '../../contract';
import { reasonOf } from '../aws-error';
import { plainly, section, time } from '../markdown';
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
  const { calls, waiting, accounts } = state;
  const lines = [
    `### ${waiting} ${waiting === 1 ? 'account waits' : 'accounts wait'} for conformance packs in ${state.region}`,
    '',
    `- Waits for ${plainly(state.waitingFor)}`,
    '- Nothing to do here: it looks by itself, and what needs a person is asked on the vend',
    ...section('Packs', state.packs.map(packLine)),
    ...section('Accounts', [
      ...accounts.map(({ requestId, accountId, open }) =>
        plainly(`${requestId} (\`${accountId}\`): ${open.join(', ')}`),
      ),
      ...(waiting > accounts.length ? [`and ${waiting - accounts.length} more`] : []),
    ]),
    ...section('Looks', [
      `${state.looks} so far${state.lastLookAt ? `, the last at ${time(state.lastLookAt)}` : ''}`,
      `AWS Config calls: ${calls.lists} for lists, ${calls.confirming} to confirm an account, ${calls.rowless} for accounts without a row; ${calls.throttled} were throttled`,
    ]),
  ];
  return withoutAddresses(lines.join('\n'));
}

function packLine({ pack, owner, waiting, status, fault }: WatchPackState): string {
  const whole = status ? `, organization-wide ${status}` : '';
  const refused = fault ? `, AWS refuses the look: ${fault}` : '';
  return plainly(`${pack}${owner ? ` of ${owner}` : ''}: ${waiting} waiting${whole}${refused}`);
}
