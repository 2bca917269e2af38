import { randomUUID } from 'node:crypto';
import { WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import { CommandError, invalid } from '../errors';
import { isSilence, silent, type Asked } from '../silence';

/** An answer that is on its way is waited for longer than a worker that is there needs. */
const ANSWER_TAKEN_MS = 10_000;

/** Sends an update, once also where the run continues as new in this very moment. */
export async function sendUpdate<Ret, Message>(
  client: Client,
  { workflowId, runId }: { workflowId: string; runId?: string },
  update: UpdateDefinition<Ret, [Message]>,
  message: Message,
): Promise<Ret> {
  const options = { args: [message] as [Message], updateId: randomUUID() };
  const send = (run?: string) =>
    client.withDeadline(Date.now() + ANSWER_TAKEN_MS, () =>
      client.workflow.getHandle(workflowId, run).executeUpdate(update, options),
    );
  try {
    return await send(runId);
  } catch (error) {
    if (!metContinueAsNew(error)) throw error;
    return send();
  }
}

/** The server lets go of an update that meets a run in the moment it continues as new. */
function metContinueAsNew(error: unknown): boolean {
  const { cause } = error as Error;
  return /unexpected workflow task failure/i.test(String(cause));
}

/** Asks, and says in words why there was no answer, or a refusal. */
export async function heard<T>(client: Client, asked: Asked, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof CommandError) throw error;
    if (error instanceof WorkflowUpdateFailedError) throw refused(asked.what, error);
    if (isSilence(error)) throw await silent(client, asked);
    throw error;
  }
}

function refused(what: string, { cause, message }: WorkflowUpdateFailedError): CommandError {
  return invalid(`${what} refuses this answer: ${cause?.message ?? message}`);
}
