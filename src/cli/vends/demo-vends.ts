import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { DEMO_REQUESTS, FREE_EMAIL } from '../../local/demo-requests';
import { demoEscalation } from '../drawing/demo-wording';
import type { VendRef } from './find-vend';
import { follow, isEscalated, type Look } from './follow';
import { isLive, print, type Io, type Output } from '../io';
import { showProgress, type Progress } from '../drawing/progress';
import type { VendView } from './read-vend';
import { resolveVend } from './resolve-vend';
import { startVend } from './start-vend';

export interface DemoVends {
  io: Io;
  out: Output;
  client: Client;
  taskQueue: string;
  signal: AbortSignal;
}

/** So long a person can look at the escalation before the demo answers it. */
const LOOK_AT_IT_MS = 4_000;

/** Starts the accounts of the demo at once, mends the one that escalates, returns how all ended. */
export async function vendDemoAccounts(demo: DemoVends): Promise<VendView[]> {
  const { client, taskQueue, signal } = demo;
  const refs = await Promise.all(
    DEMO_REQUESTS.map(async (request): Promise<VendRef> => {
      const { requestId, workflowId, runId } = await startVend(client, request, {
        taskQueue,
        requestedBy: 'demo',
      });
      return { requestId, workflowId, runId, status: 'RUNNING' };
    }),
  );
  let progress = await showProgress(demo.io, demo.out);
  const answered = new Set<string>();
  // An answer that is refused ends the demo; it would wait for ever otherwise.
  const failed = new AbortController();
  const onLook = (looks: readonly Look[]) => {
    progress.show(looks);
    for (const { ref, view } of looks) {
      if (!view || !isEscalated(view) || answered.has(ref.requestId)) continue;
      answered.add(ref.requestId);
      mend(ref, view).catch((error: unknown) => failed.abort(error));
    }
  };
  const mend = async (ref: VendRef, view: VendView) => {
    // Above what is redrawn in place; then a new picture begins below.
    progress.end();
    print(demo.out, ...demoEscalation(demo.io, view, answerLine(demo, ref)));
    progress = await anotherProgress(demo, progress);
    await pause(LOOK_AT_IT_MS, undefined, { signal });
    const reason = 'the address belongs to another AWS account';
    const changes = { email: FREE_EMAIL };
    await resolveVend(client, ref, { action: 'amend', changes, by: 'demo', reason });
  };
  try {
    return await follow(client, refs, {
      onLook,
      signal: AbortSignal.any([signal, failed.signal]),
    });
  } catch (error) {
    throw failed.signal.aborted ? failed.signal.reason : error;
  } finally {
    progress.end();
  }
}

/** Plain lines go on as they are: what was told is not told again. */
async function anotherProgress({ io, out }: DemoVends, before: Progress): Promise<Progress> {
  return isLive(io, out) ? showProgress(io, out) : before;
}

function answerLine({ io }: DemoVends, { requestId }: VendRef): string {
  return `${io.command} resolve ${requestId} --amend email=${FREE_EMAIL}`;
}
