import type { VendMemory } from './memory';
import { isBlank, isObject, strayField } from './shape';

/** Why a verdict does not fit; undefined where it does. Whatever is typed into the UI's form comes here. */
export function approvalProblem(
  verdict: 'approve' | 'reject',
  given: unknown,
  memory: VendMemory,
  nowMs: number,
): string | undefined {
  if (memory.stage !== 'approving' || !memory.approval || memory.approval.verdict) {
    return `no approval is waited for: the vend is ${memory.stage}`;
  }
  // A worker that was away takes up what was sent meanwhile together with the end of the wait.
  if (nowMs >= memory.approval.deadlineAtMs) return 'the request for an approval has expired';
  if (!isObject(given)) return 'one JSON object is needed, such as {"by":"your name"}';
  const stray = strayField(given, ['by', 'reason']);
  if (stray) return `${stray} is not a field here; give by, and reason where wanted`;
  const { by, reason } = given;
  if (typeof by !== 'string' || by.trim() === '' || by.length > MOST_CHARACTERS) {
    return `by is required: say who decides, in at most ${MOST_CHARACTERS} characters`;
  }
  if (reason !== undefined && (typeof reason !== 'string' || reason.length > MOST_CHARACTERS)) {
    return `reason must be a text of at most ${MOST_CHARACTERS} characters`;
  }
  if (typeof reason === 'string' && isBlank(reason)) return 'reason must say why';
  const isOwn = memory.requestedBy !== undefined && isSame(by, memory.requestedBy);
  if (verdict === 'approve' && isOwn && !memory.admission?.policy.approval?.allowRequester) {
    return 'by is who asked for the account: somebody else has to approve it (approval.allowRequester permits it)';
  }
  return undefined;
}

const MOST_CHARACTERS = 1_000;

/** An address and the name in it are one person's. */
function isSame(one: string, other: string): boolean {
  const [name, otherName] = [one, other].map((by) => by.trim().split('@')[0]?.toLowerCase());
  return name === otherName;
}
