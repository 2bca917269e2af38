import type { Amendment, Resolution, ResolutionAction, WaivableStage } from '../contract';
import { isCovered } from './conformance';
import type { VendMemory } from './memory';
import { isTooLarge, LARGEST_REQUEST } from './bounds';
import { isBlank, isObject, isShowable, strayField } from './shape';

const AMENDABLE: Readonly<Record<keyof Amendment, true>> = {
  email: true,
  accountName: true,
  roleName: true,
  iamUserAccessToBilling: true,
  tags: true,
  organizationalUnit: true,
  alternateContacts: true,
  regions: true,
  conformance: true,
  notifyWorkflow: true,
};
const WAIVABLE_STAGES: readonly WaivableStage[] = ['placing', 'readying', 'settling'];
const LONGEST_TEXT = 1_000;

/**
 * Why a resolution does not fit the open escalation; undefined where it does. What the sender says
 * is unknown until here: the Web UI sends whatever is typed into its form.
 */
export function resolutionProblem(resolution: Resolution, memory: VendMemory): string | undefined {
  const open = memory.escalation;
  const given: unknown = resolution;
  if (!isObject(given)) return 'a resolution is one JSON object, such as {"action":"retry"}';
  if (!open) return 'no escalation is open: there is nothing to resolve';
  if (given['escalationId'] !== undefined && given['escalationId'] !== open.id) {
    return `escalationId is not that of the open escalation, which is ${open.id} (${open.reason})`;
  }
  const { action } = given;
  if (!open.actions.includes(action as ResolutionAction)) {
    const forAll =
      open.scope === 'organization'
        ? '; it is answered once for all: vend resolve --organization --retry'
        : '';
    return `action must be one of ${open.actions.join(', ')} for ${open.reason}${forAll}`;
  }
  const fields = fieldsOf(action as ResolutionAction, given);
  const stray = strayField(given, fields);
  if (stray) return `${stray} is not a field of ${String(action)}; these are: ${fields.join(', ')}`;
  const text = textProblem(given);
  if (text) return text;
  switch (action as ResolutionAction) {
    case 'amend':
      return amendProblem(given['changes'], open.amendable);
    case 'adopt':
      return adoptProblem(given);
    case 'waive':
      return reasonProblem(given) ?? waiveProblem(given, memory);
    case 'abandon':
      return reasonProblem(given);
    case 'retry':
      return undefined;
  }
}

/** Who decided, and why, may be left out; where they are given they are texts. */
export function textProblem(given: Record<string, unknown>): string | undefined {
  for (const field of ['by', 'reason'] as const) {
    const text = given[field];
    if (text !== undefined && (typeof text !== 'string' || text.length > LONGEST_TEXT)) {
      return `${field} must be a text of at most ${LONGEST_TEXT} characters`;
    }
  }
  return undefined;
}

/** A field that is left out of sight is one that the sender takes for done. */
function fieldsOf(action: ResolutionAction, given: Record<string, unknown>): string[] {
  const waived = given['stage'] === undefined ? ['pack', 'region'] : ['stage'];
  const own: Record<ResolutionAction, string[]> = {
    retry: [],
    amend: ['changes'],
    adopt: ['accountId', 'allowOtherEmail'],
    waive: waived,
    abandon: [],
  };
  return ['action', ...own[action], 'reason', 'by', 'escalationId'];
}

function adoptProblem({ accountId, allowOtherEmail }: Record<string, unknown>): string | undefined {
  if (typeof accountId !== 'string' || !/^\d{12}$/.test(accountId)) {
    return 'accountId must be twelve digits, as a text';
  }
  return allowOtherEmail === undefined || typeof allowOtherEmail === 'boolean'
    ? undefined
    : 'allowOtherEmail must be true or false';
}

function amendProblem(
  changes: unknown,
  amendable: readonly string[] = Object.keys(AMENDABLE),
): string | undefined {
  if (!isObject(changes) || Object.keys(changes).length === 0) {
    return 'changes must be an object with the fields to change, such as {"email":"…"}';
  }
  for (const field of Object.keys(changes)) {
    if (amendable.includes(field)) continue;
    const when = Object.hasOwn(AMENDABLE, field) ? ' now' : '';
    const named = isShowable(field) ? `changes.${field}` : 'one of the changes';
    return `${named} cannot be amended${when}; these can: ${amendable.join(', ')}`;
  }
  return isTooLarge(changes)
    ? `changes are larger than any request: at most ${LARGEST_REQUEST / 1_000} kB as JSON`
    : undefined;
}

function reasonProblem(given: Record<string, unknown>): string | undefined {
  const reason = given['reason'];
  return typeof reason === 'string' && !isBlank(reason)
    ? undefined
    : 'reason must say why, as a text';
}

function waiveProblem(given: Record<string, unknown>, memory: VendMemory): string | undefined {
  const { stage, pack, region } = given;
  if (stage !== undefined) {
    if (!WAIVABLE_STAGES.includes(stage as WaivableStage)) {
      return `stage must be one of ${WAIVABLE_STAGES.join(', ')}`;
    }
    return stage === memory.stage ? undefined : `stage must be the present one, ${memory.stage}`;
  }
  if (memory.stage !== 'conforming') {
    return `give the stage to waive: {"action":"waive","stage":"${memory.stage}","reason":"…"}`;
  }
  const packs = (memory.conformance?.packs ?? []).filter((known) => !isCovered(known));
  const fits = packs.some(
    (known) => known.pack === pack && (region === undefined || known.region === region),
  );
  if (fits) return undefined;
  const names = packs.map((known) => `${known.region}/${known.pack}`).join(', ');
  return `pack (and region, where it is given) must be one of the packs that are waited for: ${names}`;
}
