import { REQUEST_TAG } from '../contract';
import type { Amendment } from '../contract';
import type { VendMemory } from './memory';
import type { AdmittedRequest } from './policy';

/** After a lost answer, AWS may show what came of it late: so long the address stays. */
export const LOST_ANSWER_SETTLES_MS = 15 * 60_000;

const OF_THE_CREATION = ['roleName', 'iamUserAccessToBilling', 'tags'] as const;
const OF_THE_IDENTITY = ['email', 'accountName'] as const;

/** AWS's only guard against a second account of the request. */
export function isOfTheIdentity(field: keyof Amendment): boolean {
  return OF_THE_IDENTITY.some((one) => one === field);
}

/** Whether AWS is told it with the creation. */
export function isOfTheCreation(field: keyof Amendment): boolean {
  return isOfTheIdentity(field) || OF_THE_CREATION.some((one) => one === field);
}

/**
 * The request as the vend follows it from now on. What the configuration has given it stays as it was
 * at the start, but for what was amended; and so does the tag that proves the account ours.
 * @param checked the amended request, with the configuration's present defaults
 */
export function withAmendment(
  before: AdmittedRequest,
  checked: AdmittedRequest,
  changes: Amendment,
): AdmittedRequest {
  const { roleName, iamUserAccessToBilling, tags } = before;
  const { roleName: _role, iamUserAccessToBilling: _billing, ...rest } = checked;
  const role = changes.roleName ?? roleName;
  const billing = changes.iamUserAccessToBilling ?? iamUserAccessToBilling;
  const proof = tags[REQUEST_TAG];
  return {
    ...rest,
    ...(role ? { roleName: role } : {}),
    ...(billing ? { iamUserAccessToBilling: billing } : {}),
    tags: {
      ...(changes.tags ? checked : before).tags,
      ...(proof === undefined ? {} : { [REQUEST_TAG]: proof }),
    },
  };
}

/**
 * Which fields `amend` may change now: those with which nothing has been done yet. E-mail address
 * and account name are AWS's only guard against a second account, so they are free only when every
 * earlier attempt is proven to have made nothing.
 * @param lookedFor a complete look has just found no account of this request
 */
export function amendableFields(
  memory: VendMemory,
  nowMs: number,
  lookedFor: boolean,
): (keyof Amendment)[] {
  const fields: (keyof Amendment)[] = [];
  const { creation } = memory;
  const isFree = !memory.accountId && !creation?.following && !creation?.unproven;
  if (isFree) {
    const lostAt = creation?.lostAnswerAtMs;
    const settled = lostAt === undefined || nowMs - lostAt >= LOST_ANSWER_SETTLES_MS;
    if (lookedFor && settled) fields.push(...OF_THE_IDENTITY);
    fields.push(...OF_THE_CREATION);
  }
  if (!memory.placed) fields.push('organizationalUnit');
  if (!memory.settling?.isOver && !memory.conformance) {
    // Contacts are put again as a whole; a region that is being enabled cannot be taken back.
    if (!memory.settling?.contactsPut) fields.push('alternateContacts');
    if (!memory.settling?.regionsBegun) fields.push('regions');
  }
  if (!memory.conformance) fields.push('conformance');
  fields.push('notifyWorkflow');
  return fields;
}
