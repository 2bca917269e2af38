import { vendWorkflowId } from '../contract';
import type { Holder } from './gate/messages';
import { utf8Bytes } from './shape';

/**
 * What a workflow hands to itself when it continues as new is one payload, of which Temporal takes
 * 2 MB: with more it could never continue.
 */
const MOST_BYTES = 1_900_000;

/** What the ids of a vend take there. A parent may have chosen a workflow id of a thousand bytes. */
export function idBytes({ workflowId, firstExecutionRunId, requestId }: Holder): number {
  const isUsual = workflowId === vendWorkflowId(requestId);
  return (
    requestId.length +
    firstExecutionRunId.length +
    (isUsual ? 0 : utf8Bytes(JSON.stringify(workflowId)))
  );
}

/** Whether somebody more can be let in. To count thousands for each that comes is dear: it is done when it must. */
export class Load {
  /** At least what is there: it counts who comes, and not who leaves. */
  #bytes = Infinity;

  /** True where so much more fits beside what `count` finds. */
  takes(bytes: number, count: () => number): boolean {
    if (this.#bytes + bytes > MOST_BYTES) this.#bytes = count();
    if (this.#bytes + bytes > MOST_BYTES) return false;
    this.#bytes += bytes;
    return true;
  }
}

/** What can be left out is added as far as it fits beside the rest. */
export class Room {
  #left: number;

  constructor(rest: unknown) {
    this.#left = MOST_BYTES - utf8Bytes(JSON.stringify(rest));
  }

  /** True where it fits, and takes its room. */
  takes(value: unknown): boolean {
    const bytes = utf8Bytes(JSON.stringify(value)) + 1;
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }
}
