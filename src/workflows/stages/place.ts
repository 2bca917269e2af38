import { OwnReason } from '../../contract';
import type { ResolutionAction } from '../../contract';
import { amendableFields } from '../../domain/amendment';
import { world } from '../activity-proxies';
import type { Answer } from '../answers';
import type { Vend } from '../vend';
import { amend } from '../steps/amend';
import { insist } from '../steps/insist';
import { timeMs } from '../time';

type PlaceFrom = 'anywhere' | 'root';
const ACTIONS: readonly ResolutionAction[] = ['retry', 'amend', 'waive', 'abandon'];

/** Moves the account to its organizational unit at once, so that the guardrails there hold. */
export async function place(vend: Vend): Promise<void> {
  const { memory } = vend;
  if (memory.placed) return;
  vend.enter('placing');
  for (;;) {
    const from: PlaceFrom = memory.adopted && !memory.mayLeaveItsUnit ? 'root' : 'anywhere';
    const { organizationalUnitId: destinationId } = vend.admission;
    const what = `move the account to ${destinationId}`;
    const moved = await insist(vend, { what, actions: ACTIONS }, () =>
      moveTo(vend, destinationId, from),
    );
    if ('answer' in moved) {
      if ((await carryOut(vend, moved.answer)) === 'waived') {
        await learnWhereItStands(vend);
        return;
      }
      continue;
    }
    if (moved.value.is === 'placed') {
      memory.organizationalUnitId = destinationId;
      memory.placed = true;
      return;
    }
    const { parentId } = moved.value;
    memory.organizationalUnitId = parentId;
    let done: Done = 'refused';
    while (done === 'refused') {
      const answer = await askAboutPlace(vend, parentId, destinationId);
      if (answer) done = await carryOut(vend, answer);
    }
    if (done === 'waived') return;
    memory.mayLeaveItsUnit = true;
  }
}

type Done = 'again' | 'waived' | 'refused';

async function carryOut(vend: Vend, answer: Answer): Promise<Done> {
  switch (answer.resolution.action) {
    case 'retry':
      await vend.accept(answer);
      return 'again';
    case 'amend':
      await amend(vend, answer, false);
      return vend.memory.escalation ? 'refused' : 'again';
    case 'waive':
      await vend.accept(answer, 'placing: the account stays where it is');
      vend.memory.placed = true;
      return 'waived';
    default:
      answer.refuse('it does not fit this stage');
      return 'refused';
  }
}

/** It was not moved: the result must not say that the guardrails of the target hold. */
async function learnWhereItStands(vend: Vend): Promise<void> {
  const outcome = await world.locateAccount.executeWithOptions({ summary: 'where does it stand' }, [
    { organizationId: vend.organizationId, accountId: vend.memory.accountId ?? '' },
  ]);
  // A new account stands in the root until somebody moves it.
  vend.memory.organizationalUnitId = outcome.ok ? outcome.value : vend.admission.rootId;
}

function moveTo(vend: Vend, destinationId: string, from: PlaceFrom) {
  const accountId = vend.memory.accountId ?? '';
  return world.placeAccount.executeWithOptions(
    { summary: `move ${accountId} to ${destinationId}` },
    [
      {
        organizationId: vend.organizationId,
        requestId: vend.admission.request.requestId,
        accountId,
        rootId: vend.admission.rootId,
        destinationId,
        from,
      },
    ],
  );
}

function askAboutPlace(vend: Vend, parentId: string, destinationId: string) {
  return vend.ask({
    scope: 'request',
    reason: OwnReason.ALREADY_PLACED,
    message: `The account was brought in and stands in ${parentId}, which may be on purpose. Retry moves it to ${destinationId}; waive leaves it where it is.`,
    attempts: 1,
    actions: [...ACTIONS],
    amendable: amendableFields(vend.memory, timeMs(), false),
  });
}
