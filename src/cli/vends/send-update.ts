import { randomUUID } from 'node:crypto';
import { WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import { CommandError, ExitStatus, invalid } from '../errors';
import { isSilence, silent, type Asked } from '../silence';

/** An answer that is on its way is waited for longer than a worker that is there needs. */
const ANSWER_TAKEN_MS = 10_000;
/** Before another e-mail address is sent, the accounts of a whole organization are looked through. */
const CARRIED_OUT_MS = 3 * 60_000;

/** The vend has taken the answer, and has not said what came of it. */
class NotCarriedOutYet extends Error {
  override readonly name = 'NotCarriedOutYet';
}

/** Sends an update, once also where the run continues as new in this very moment. */
export async function sendUpdate<Ret, Message>(
  client: Client,
  { workflowId, runId }: { workflowId: string; runId?: string },
  update: UpdateDefinition<Ret, [Message]>,
  message: Message,
): Promise<Ret> {
  const options = { args: [message] as [Message], updateId: randomUUID() };
  const send = async (run?: string) => {
    const sent = await client.withDeadline(Date.now() + ANSWER_TAKEN_MS, () =>
      client.workflow
        .getHandle(workflowId, run)
        .startUpdate(update, { ...options, waitForStage: 'ACCEPTED' }),
    );
    try {
      return await client.withDeadline(Date.now() + CARRIED_OUT_MS, () => sent.result());
    } catch (error) {
      const isRefusal = error instanceof WorkflowUpdateFailedError;
      if (!isRefusal && isSilence(error)) throw new NotCarriedOutYet(undefined, { cause: error });
      throw error;
    }
  };
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
    if (error instanceof NotCarriedOutYet) throw notYet(asked);
    if (error instanceof WorkflowUpdateFailedError) throw refused(asked.what, error);
    if (isSilence(error)) throw await silent(client, asked);
    throw error;
  }
}

function refused(what: string, { cause, message }: WorkflowUpdateFailedError): CommandError {
  return invalid(`${what} refuses this answer: ${cause?.message ?? message}`);
}

function notYet({ what, look }: Asked): CommandError {
  const message = `${what} has taken the answer, and is still looking whether it can be carried out. See what came of it with "${look}".`;
  return new CommandError(ExitStatus.unreachable, message);
}
