/** A small workflow that speaks the language of the watch, and does nothing else. */
import {
  condition,
  getExternalWorkflowHandle,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { watchWorkflowId } from '../../lib/contract/names.js';
import { WATCH_PROTOCOL } from '../../lib/domain/watch/messages.js';
import { mailSignal, verdictSignal } from '../../lib/workflows/watch-signals.js';

/** Waits until its packs are successful, and says which look showed it. */
export async function waitForPacks({ organizationId, region, packs }) {
  const { workflowId, firstExecutionRunId: of } = workflowInfo();
  const done = new Set();
  let messages = 0;
  let last;
  setHandler(verdictSignal, (message) => {
    messages += 1;
    for (const { pack, verdict } of message.rows) {
      if (verdict.is === 'done') done.add(pack);
      else done.delete(pack);
    }
    if (done.size === packs.length) last ??= message;
  });
  await condition(() => last !== undefined);
  const watch = getExternalWorkflowHandle(watchWorkflowId(organizationId, region));
  const unsubscribe = [{ v: WATCH_PROTOCOL, workflowId, of, ticket: last.ticket }];
  await watch.signal(mailSignal, { v: WATCH_PROTOCOL, subscribe: [], unsubscribe });
  return { seenAtMs: last.seenAtMs, messages };
}
