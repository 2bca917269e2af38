import { ApplicationFailure, setHandler } from '@temporalio/workflow';
import { approveSignal, approveUpdate, rejectSignal, rejectUpdate } from '../contract';
import type { ApprovalVerdict, Decision } from '../contract';
import { approvalProblem } from '../domain/approval';
import type { VendMemory } from '../domain/memory';
import { withoutPersonal } from '../domain/redact';
import { iso } from './iso';
import { timeMs } from './time';

const VERDICTS = [
  {
    verdict: 'approve',
    outcome: 'approved',
    update: approveUpdate,
    signal: approveSignal,
    about: 'Lets the vend begin: {"by":"your name"}',
  },
  {
    verdict: 'reject',
    outcome: 'rejected',
    update: rejectUpdate,
    signal: rejectSignal,
    about: 'Ends it before anything is created: {"by":"your name","reason":"…"}',
  },
] as const;

/** The messages `approve` and `reject`: checked, written down, and seen by the stage that waits. */
export function listenForVerdicts(memory: VendMemory, note: (text: string) => void): void {
  for (const { verdict, outcome, update, signal, about } of VERDICTS) {
    const problemOf = (given: unknown) => approvalProblem(verdict, given, memory, timeMs());
    const decide = ({ by, reason }: ApprovalVerdict, via: Decision['via']): Decision => {
      const decision: Decision = {
        at: iso(timeMs()),
        by,
        via,
        action: verdict,
        ...(reason ? { reason: withoutPersonal(reason, memory.request.accountName) } : {}),
        escalationId: 'approval',
      };
      memory.decisions.push(decision);
      if (memory.approval) memory.approval.verdict = outcome;
      note(outcome);
      return decision;
    };
    const check = (given: ApprovalVerdict) => {
      const problem = problemOf(given);
      if (problem) throw ApplicationFailure.nonRetryable(problem, 'ApprovalNotTaken');
    };
    setHandler(
      update,
      (given) => {
        // Two updates of one workflow task are both validated before either handler runs.
        check(given);
        return decide(given, 'update');
      },
      { description: about, validator: check },
    );
    setHandler(
      signal,
      (given) => {
        const problem = problemOf(given);
        if (problem) note(`a signal ${verdict} was refused: ${problem}`);
        else decide(given, 'signal');
      },
      { description: `${about}; for workflows, which cannot send updates.` },
    );
  }
}
