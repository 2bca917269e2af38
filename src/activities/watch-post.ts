import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { WorkflowType, watchWorkflowId } from '../contract';
import { isObject } from '../domain/shape';
import { MAIL, WATCH_PROTOCOL, isSubscribe, isUnsubscribe } from '../domain/watch/messages';
import type { Mail, Subscribe, Unsubscribe } from '../domain/watch/messages';
import { BEFORE_VENDS } from './priority';

/** So often a worker sends mail to one watch, however many vends have something to say to it. */
const EVERY_MS = 1_000;
/** In one signal. One message is some hundred bytes; a hundred packs with long names are twenty thousand. */
const MOST_MESSAGES = 200;
/** As JSON: Temporal takes 2 MB. */
const MOST_BYTES = 500_000;

export interface WatchRef {
  organizationId: string;
  region: string;
}

export type WatchMessage = { subscribe: Subscribe } | { unsubscribe: Unsubscribe };

export function isWatchMessage(given: unknown): given is WatchMessage {
  if (!isObject(given)) return false;
  const { subscribe, unsubscribe } = given;
  return subscribe === undefined ? isUnsubscribe(unsubscribe) : isSubscribe(subscribe);
}

interface Waiting {
  message: WatchMessage;
  bytes: number;
  client: Client;
  done: () => void;
  failed: (error: unknown) => void;
}

/**
 * What vends say to the watches, collected: the first message goes at once, and those that come within a
 * second of it go together. A workflow that is signalled ten times a second gets to nothing else, and cannot
 * continue as new.
 */
export class WatchPost {
  readonly #taskQueue: string;
  readonly #boxes = new Map<string, Waiting[]>();

  /** @param taskQueue on which a watch is started */
  constructor(taskQueue: string) {
    this.#taskQueue = taskQueue;
  }

  /** Resolves when the watch has it; rejects with Temporal's error where it cannot be told. */
  async send(watch: WatchRef, message: WatchMessage, client: Client): Promise<void> {
    const workflowId = watchWorkflowId(watch.organizationId, watch.region);
    const box = this.#boxes.get(workflowId);
    const bytes = Buffer.byteLength(JSON.stringify(message));
    return new Promise((done, failed) => {
      const waiting = { message, bytes, client, done, failed };
      if (box) box.push(waiting);
      else void this.#empty(watch, workflowId, [waiting]);
    });
  }

  async #empty(watch: WatchRef, workflowId: string, box: Waiting[]): Promise<void> {
    this.#boxes.set(workflowId, box);
    try {
      while (box.length > 0) {
        await sendTogether(watch, this.#taskQueue, takeTogether(box));
        await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
      }
    } finally {
      this.#boxes.delete(workflowId);
    }
  }
}

/** As many as fit into one signal, and one at least. */
function takeTogether(box: Waiting[]): Waiting[] {
  let bytes = 0;
  const isTooMuch = (waiting: Waiting, index: number) => {
    bytes += waiting.bytes;
    return index === MOST_MESSAGES || (index > 0 && bytes > MOST_BYTES);
  };
  const end = box.findIndex(isTooMuch);
  return box.splice(0, end === -1 ? box.length : end);
}

async function sendTogether(
  watch: WatchRef,
  taskQueue: string,
  together: Waiting[],
): Promise<void> {
  try {
    await deliver(watch, taskQueue, together);
    for (const { done } of together) done();
  } catch (error) {
    for (const { failed } of together) failed(error);
  }
}

/** Signals the watch of a region, and starts it where it does not run. */
async function deliver(
  { organizationId, region }: WatchRef,
  taskQueue: string,
  together: Waiting[],
): Promise<void> {
  const [first] = together;
  if (!first) return;
  const messages = together.map(({ message }) => message);
  const mail: Mail = {
    v: WATCH_PROTOCOL,
    subscribe: messages.flatMap((one) => ('subscribe' in one ? one.subscribe : [])),
    unsubscribe: messages.flatMap((one) => ('unsubscribe' in one ? one.unsubscribe : [])),
  };
  const workflowId = watchWorkflowId(organizationId, region);
  const { workflow } = first.client;
  if (mail.subscribe.length === 0) {
    await workflow.getHandle(workflowId).signal(MAIL, mail).catch(unlessItDoesNotRun);
    return;
  }
  await workflow.signalWithStart(WorkflowType.conformanceWatch, {
    workflowId,
    taskQueue,
    args: [{ organizationId, region }],
    signal: MAIL,
    signalArgs: [mail],
    staticSummary: `Conformance packs of ${organizationId} in ${region}`,
    // Where many wait and the machine is busy, reading it again from its history can take more than ten seconds.
    workflowTaskTimeout: '1m',
    priority: BEFORE_VENDS,
  });
}

/** Nobody is subscribed to a watch that does not run. */
function unlessItDoesNotRun(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}
