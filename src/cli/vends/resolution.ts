import { isBlank, isObject } from '../../domain/shape';
import { parseRequest } from '../../config';
import type { Amendment, Resolution, VendRequest } from '../../contract';
import { invalid } from '../errors';
import { onlyAll, setContact } from './request-flags';

/** The flags of `resolve` that say what the answer is. */
export interface ResolutionFlags {
  retry?: boolean;
  amend?: string[];
  adopt?: string;
  allowOtherEmail?: boolean;
  waive?: string;
  region?: string;
  abandon?: boolean;
  reason?: string;
  by?: string;
  escalation?: string;
}

const ACTIONS = ['retry', 'amend', 'adopt', 'waive', 'abandon'] as const;

/** The answer that the flags make. */
export function buildResolution(flags: ResolutionFlags): Resolution {
  const given = ACTIONS.filter((action) => flags[action] !== undefined);
  const [action] = given;
  if (!action || given.length > 1) {
    throw invalid(
      'Give one answer: --retry, --amend field=value, --adopt ACCOUNT, --waive PACK|STAGE or --abandon.',
    );
  }
  if (flags.allowOtherEmail && action !== 'adopt')
    throw invalid('--allow-other-email is for --adopt.');
  if (flags.region !== undefined && action !== 'waive') throw invalid('--region is for --waive.');
  return { ...answer(action, flags), ...context(flags) };
}

function context({ by, escalation, reason }: ResolutionFlags) {
  return {
    ...(by === undefined ? {} : { by }),
    ...(escalation === undefined ? {} : { escalationId: escalation }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function answer(action: (typeof ACTIONS)[number], flags: ResolutionFlags): Resolution {
  switch (action) {
    case 'retry':
      return { action };
    case 'amend':
      return { action, changes: changesOf(flags.amend ?? []) };
    case 'adopt': {
      const accountId = flags.adopt ?? '';
      if (!/^\d{12}$/.test(accountId))
        throw invalid('--adopt must be an account ID of twelve digits.');
      return { action, accountId, ...(flags.allowOtherEmail ? { allowOtherEmail: true } : {}) };
    }
    case 'waive':
      return { action, ...waived(flags.waive ?? '', flags.region), reason: needReason(flags) };
    case 'abandon':
      return { action, reason: needReason(flags) };
    default:
      throw invalid(`There is no answer ${String(action satisfies never)}.`);
  }
}

function needReason({ reason }: ResolutionFlags): string {
  if (reason !== undefined && !isBlank(reason)) return reason;
  throw invalid("--waive and --abandon need --reason '…': it is kept in the account's history.");
}

function waived(what: string, region: string | undefined) {
  if (what === 'placing' || what === 'readying' || what === 'settling')
    return { stage: what } as const;
  const at = what.indexOf('/');
  const place = at > 0 ? what.slice(0, at) : region;
  const pack = at > 0 ? what.slice(at + 1) : what;
  if (pack === '') throw invalid('--waive must name a conformance pack (region/name) or a stage.');
  return { pack, ...(place === undefined ? {} : { region: place }) };
}

export const AMENDABLE = [
  'email',
  'accountName',
  'roleName',
  'iamUserAccessToBilling',
  'organizationalUnit',
] as const;

const CONTACTS = 'alternateContacts.';

const asText = (value: string) => value;
const asList = (value: string) => value.split(',').filter(Boolean);

/** Fields with fields, given whole: what is left out of one is left out of the request. */
const NESTED: Readonly<Record<string, (value: string) => unknown>> = {
  'conformance.packs': (value) => onlyAll(asList(value)),
  'conformance.regions': asList,
  'conformance.scope': asText,
  'conformance.deadline': asText,
  'notifyWorkflow.workflowId': asText,
  'notifyWorkflow.signal': asText,
};

/** `field=value`, the field spelt as in the request or as its flag; `tags.Name=value` for a tag. */
function changesOf(pairs: readonly string[]): Amendment {
  const changes: Record<string, unknown> = {};
  const tags: Record<string, string> = {};
  const given = new Set<string>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at);
    const value = pair.slice(at + 1);
    const field = AMENDABLE.find((one) => one === camelCase(name));
    if (given.has(field ?? name)) throw invalid(`--amend gives ${name} twice; give it once.`);
    if (at > 0) given.add(field ?? name);
    if (at > 0 && field) changes[field] = value;
    else if (at > 0 && name.startsWith(CONTACTS)) {
      const fault = setContact(changes, name.slice(CONTACTS.length), value);
      if (fault) throw invalid(`--amend ${CONTACTS}… ${fault}.`);
    } else if (name === 'tags' && value === '') changes['tags'] = {};
    else if (name === 'alternateContacts' && value === '') changes['alternateContacts'] = {};
    else if (name === 'regions') changes['regions'] = asList(value);
    else if (name === 'conformance' && value === 'false') changes['conformance'] = false;
    else if (Object.hasOwn(NESTED, name)) setNested(changes, name, value);
    else if (at > 0 && name.startsWith('tags.')) tags[name.slice('tags.'.length)] = value;
    else {
      throw invalid(
        `--amend must be field=value with one of: ${AMENDABLE.join(', ')}, tags.NAME, tags= (none), alternateContacts.TYPE.FIELD, alternateContacts= (none), regions=a,b, conformance=false, ${Object.keys(NESTED).join(', ')}.`,
      );
    }
  }
  if (Object.keys(tags).length > 0) changes['tags'] = tags;
  checkChanges(changes);
  return changes;
}

function setNested(changes: Record<string, unknown>, path: string, value: string): void {
  const [field = '', name = ''] = path.split('.');
  const before = isObject(changes[field]) ? changes[field] : {};
  changes[field] = { ...before, [name]: NESTED[path]?.(value) };
}

/** The same rules as for a request; what the vend itself allows now, it says itself. */
function checkChanges(changes: Record<string, unknown>): void {
  const rest: VendRequest = { requestId: 'a', accountName: 'a', email: 'a@example.com' };
  const parsed = parseRequest({ ...rest, ...changes });
  if (!parsed.ok) throw invalid('The amendment cannot be used:', parsed.problems);
}

function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
