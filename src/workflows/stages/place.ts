import { OwnReason } from '../../contract';
import type { ResolutionAction } from '../../contract';
import { world } from '../activity-proxies';
import type { Answer } from '../answers';
import type { Vend } from '../vend';
import { amend } from '../steps/amend';
import { insist } from '../steps/insist';

const ACTIONS: readonly ResolutionAction[] = ['retry', 'amend', 'waive', 'abandon'];

/** Moves the account to its organizational unit at once, so that the guardrails there hold. */
export async function place(vend: Vend): Promise<void> {
  const { memory } = vend;
  if (memory.placed) return;
  vend.enter('placing');
  let from: 'anywhere' | 'root' = memory.adopted ? 'root' : 'anywhere';
  for (;;) {
    const { organizationalUnitId: destinationId } = vend.admission;
    vend.waitFor(`AWS to move the account to ${destinationId}`);
    const moved = await insist(vend, { what: 'move the account', actions: ACTIONS }, () =>
      moveTo(vend, destinationId, from),
    );
    if ('value' in moved && moved.value.is === 'placed') {
      memory.organizationalUnitId = destinationId;
      memory.placed = true;
      return;
    }
    let answer: Answer | undefined;
    if ('answer' in moved) answer = moved.answer;
    else if (moved.value.is === 'elsewhere') {
      answer = await askAboutPlace(vend, moved.value.parentId, destinationId);
      memory.organizationalUnitId = moved.value.parentId;
    }
    if (!answer) continue;
    switch (answer.resolution.action) {
      case 'retry':
        await vend.accept(answer);
        from = 'anywhere';
        break;
      case 'amend':
        await amend(vend, answer, false);
        break;
      case 'waive':
        await vend.accept(answer);
        vend.note('placing was waived: the account stays where it is');
        memory.placed = true;
        return;
      default:
        answer.refuse('it does not fit this stage');
    }
  }
}

function moveTo(vend: Vend, destinationId: string, from: 'anywhere' | 'root') {
  const accountId = vend.memory.accountId ?? '';
  return world.placeAccount.executeWithOptions(
    { summary: `move ${accountId} to ${destinationId}` },
    [
      {
        organizationId: vend.organizationId,
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
  });
}
