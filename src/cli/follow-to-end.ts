import type { Client } from '@temporalio/client';
import { ExitStatus } from './errors';
import type { VendRef } from './find-vend';
import { follow, isEscalated } from './follow';
import { printJson, type Io } from './io';
import { showProgress } from './progress';
import { viewToJson, type VendView } from './read-vend';

/** Follows vends with their progress shown; returns the command's exit status. */
export async function followToEnd(
  io: Io,
  client: Client,
  refs: readonly VendRef[],
  options: { json?: boolean; untilEscalation?: boolean },
): Promise<ExitStatus> {
  const progress = await showProgress(io, options.json ? io.stderr : io.stdout);
  try {
    const views = await follow(client, refs, {
      untilEscalation: options.untilEscalation ?? false,
      onLook: progress.show,
    });
    progress.end();
    if (options.json) {
      const documents = views.map(viewToJson);
      printJson(io, documents.length === 1 ? documents[0] : documents);
    }
    return statusOf(views);
  } finally {
    progress.end();
  }
}

function statusOf(views: readonly VendView[]): ExitStatus {
  if (views.some((view) => isEscalated(view))) return ExitStatus.escalated;
  const allDone = views.every(({ status }) => status === 'COMPLETED');
  return allDone ? ExitStatus.done : ExitStatus.endedOtherwise;
}
