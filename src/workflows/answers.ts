import { ApplicationFailure, condition, currentUpdateInfo, setHandler } from '@temporalio/workflow';
import { requestQuery, resolveSignal, resolveUpdate, stateQuery } from '../contract';
import type { Decision, Resolution } from '../contract';
import { toState, withAnswered, withDecision } from '../domain/memory';
import type { VendMemory } from '../domain/memory';
import { withoutPersonal } from '../domain/redact';
import { resolutionProblem } from '../domain/resolution';

/** An answer that has come in and waits for the stage that asked. */
export interface Answer {
  readonly resolution: Resolution;
  /** Writes the decision down. */
  accept(at: string): void;
  /** It does not fit after all: the sender hears why, and the escalation stays open. */
  refuse(why: string): void;
}

type Via = Decision['via'];
type Verdict = { accepted: Decision } | { refused: string };

/**
 * The messages of a vend. Handlers only check an answer and put it down; the stage that asked takes
 * it and acts. One answer at a time, and none is kept for a later question.
 */
export class Answers {
  readonly #memory: VendMemory;
  #waiting: Answer | undefined;
  /** From its coming in until it is accepted or refused: a second one would be for a later question. */
  #isBusy = false;
  #isClosed = false;

  constructor(memory: VendMemory, note: (text: string) => void) {
    this.#memory = memory;
    setHandler(stateQuery, () => toState(memory), { description: 'Where the vend is.' });
    setHandler(requestQuery, () => memory.request, {
      description: 'The request as it stands, amendments included.',
    });
    setHandler(
      resolveUpdate,
      async (resolution) => {
        const earlier = this.#earlier();
        if (earlier) return earlier;
        // Two updates of one workflow task are both validated before either handler runs.
        const problem = this.#problem(resolution);
        if (problem) throw refusal(problem);
        let verdict: Verdict | undefined;
        this.#put(resolution, 'update', (given) => (verdict = given));
        await condition(() => verdict !== undefined);
        return unwrap(verdict);
      },
      {
        description: 'Answers the open escalation: {"action":"retry"}, …',
        validator: (resolution) => {
          if (this.#earlier()) return;
          const problem = this.#problem(resolution);
          if (problem) throw refusal(problem);
        },
      },
    );
    setHandler(
      resolveSignal,
      (resolution) => {
        const problem = this.#problem(resolution);
        const refuse = (why: string) => note(`a resolve signal was refused: ${why}`);
        if (problem) refuse(problem);
        else {
          this.#put(resolution, 'signal', (verdict) => {
            if ('refused' in verdict) refuse(verdict.refused);
          });
        }
      },
      { description: 'Answers the open escalation; for workflows, which cannot send updates.' },
    );
  }

  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  take(): Answer | undefined {
    const answer = this.#waiting;
    this.#waiting = undefined;
    return answer;
  }

  /** The vend ends: whoever has just answered hears that it came too late. */
  close(): void {
    this.#isClosed = true;
    this.take()?.refuse('the vend is ending');
  }

  /** This very update was carried out in an earlier run: its sender had not heard. */
  #earlier(): Decision | undefined {
    const id = currentUpdateInfo()?.id;
    return this.#memory.answered?.find(({ updateId }) => updateId === id)?.decision;
  }

  #problem(resolution: Resolution): string | undefined {
    if (this.#isClosed) return 'the vend is ending';
    if (this.#isBusy)
      return 'another answer is just being carried out; look at the state and try again';
    return resolutionProblem(resolution, this.#memory);
  }

  #put(resolution: Resolution, via: Via, conclude: (verdict: Verdict) => void): void {
    const escalationId = this.#memory.escalation?.id ?? '';
    const updateId = via === 'update' ? currentUpdateInfo()?.id : undefined;
    this.#isBusy = true;
    const end = (verdict: Verdict) => {
      this.#isBusy = false;
      conclude(verdict);
    };
    this.#waiting = {
      resolution,
      accept: (at) => {
        const decision: Decision = {
          at,
          by: resolution.by ?? 'unknown',
          via,
          action: resolution.action,
          ...(resolution.reason
            ? { reason: withoutPersonal(resolution.reason, this.#memory.request.accountName) }
            : {}),
          escalationId,
        };
        this.#memory.decisions = withDecision(this.#memory.decisions, decision);
        if (updateId !== undefined) {
          const { answered } = this.#memory;
          this.#memory.answered = withAnswered(answered, { updateId, decision });
        }
        end({ accepted: decision });
      },
      refuse: (why) => end({ refused: why }),
    };
  }
}

function unwrap(verdict: Verdict | undefined): Decision {
  if (verdict && 'accepted' in verdict) return verdict.accepted;
  throw refusal(verdict?.refused ?? 'no verdict');
}

function refusal(why: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(why, 'ResolutionRefused');
}
