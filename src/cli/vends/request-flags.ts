import type { Command } from 'commander';
import type { FieldProblem } from '../../contract';
import { isObject } from '../../domain/shape';
import { commaSeparated, repeated } from '../command';

/** The flags of `start`, one for each field of the request. */
export interface RequestFlags {
  requestId?: string;
  organizationId?: string;
  existingAccountId?: string;
  kind?: string;
  accountName?: string;
  email?: string;
  roleName?: string;
  iamUserAccessToBilling?: string;
  tag?: string[];
  organizationalUnit?: string;
  alternateContact?: string[];
  regions?: string[];
  notifyWorkflowId?: string;
  notifySignal?: string;
  /** False where `--no-conformance` was given. */
  conformance?: boolean;
  conformancePacks?: string[];
  conformanceRegions?: string[];
  conformanceScope?: string;
  conformanceDeadline?: string;
}

export function addRequestFlags(command: Command): Command {
  return command
    .option('--request-id <id>', 'the identity of the vend: the same ID is the same account')
    .option('--account-name <name>', 'name of the account')
    .option('--email <address>', "address of the account's root user")
    .option('--kind <kind>', 'standard (default) or govcloud')
    .option('--organizational-unit <unit>', 'ID, or path from the root such as Workloads/Prod')
    .option('--tag <name=value>', 'a tag of the account; may be repeated', repeated)
    .option('--role-name <name>', 'role for the management account')
    .option('--iam-user-access-to-billing <access>', 'ALLOW or DENY')
    .option('--organization-id <id>', 'refused where the worker is in another organization')
    .option('--existing-account-id <id>', 'brings in an account that exists')
    .option('--no-conformance', 'waits for no conformance pack')
    .option('--conformance-packs <names>', 'all, or names: a,region/b', commaSeparated)
    .option('--conformance-regions <regions>', 'regions: a,b', commaSeparated)
    .option('--conformance-scope <scope>', 'account or organization')
    .option('--conformance-deadline <duration>', 'then a person is asked: 30m, 8h')
    .option('--notify-workflow-id <id>', 'workflow that wants to hear of the vend')
    .option('--notify-signal <name>', 'signal that it is sent')
    .option('--alternate-contact <type.field=value>', 'such as billing.name=Anna', repeated)
    .option('--regions <regions>', 'opt-in regions to enable: a,b', commaSeparated);
}

type Fields = Record<string, unknown>;

const PLAIN = [
  'requestId',
  'organizationId',
  'existingAccountId',
  'kind',
  'accountName',
  'email',
  'roleName',
  'iamUserAccessToBilling',
  'organizationalUnit',
  'regions',
] as const;

/**
 * The request of a file with what the flags say instead; not yet checked.
 * @param problems flags that say nothing that a request could hold are added to these, to be told with all else
 */
export function withFlags(file: unknown, flags: RequestFlags, problems: FieldProblem[]): unknown {
  if (!isObject(file)) return file;
  const request: Fields = { ...file };
  for (const name of PLAIN) if (flags[name] !== undefined) request[name] = flags[name];
  merge(request, 'tags', pairs(flags.tag, '--tag', problems));
  merge(request, 'notifyWorkflow', {
    workflowId: flags.notifyWorkflowId,
    signal: flags.notifySignal,
  });
  merge(request, 'conformance', {
    packs: onlyAll(flags.conformancePacks),
    regions: flags.conformanceRegions,
    scope: flags.conformanceScope,
    deadline: flags.conformanceDeadline,
  });
  for (const [path, value] of Object.entries(
    pairs(flags.alternateContact, '--alternate-contact', problems),
  )) {
    const message = setContact(request, path, value);
    if (message) problems.push({ field: '--alternate-contact', message });
  }
  if (flags.conformance === false) withoutConformance(request, flags, problems);
  return request;
}

function withoutConformance(request: Fields, flags: RequestFlags, problems: FieldProblem[]): void {
  const { conformancePacks, conformanceRegions, conformanceScope, conformanceDeadline } = flags;
  const others = [conformancePacks, conformanceRegions, conformanceScope, conformanceDeadline];
  if (others.some((value) => value !== undefined)) {
    problems.push({
      field: '--no-conformance',
      message: 'and --conformance-… exclude each other; give one of them',
    });
  }
  request['conformance'] = false;
}

/** Sets those of some nested fields that were given. */
function merge(request: Fields, name: string, given: Fields): void {
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  if (known.length === 0) return;
  const before = isObject(request[name]) ? request[name] : {};
  request[name] = { ...before, ...Object.fromEntries(known) };
}

function pairs(
  given: string[] | undefined,
  field: string,
  problems: FieldProblem[],
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const pair of given ?? []) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at);
    if (at < 1) problems.push({ field, message: 'must be name=value' });
    else if (Object.hasOwn(found, name)) {
      problems.push({ field, message: 'gives the same name twice' });
    } else found[name] = pair.slice(at + 1);
  }
  return found;
}

/**
 * `billing.name` and its value, into the contacts of a request or an amendment.
 * @returns what is wrong where that is no name of one
 */
export function setContact(request: Fields, path: string, value: string): string | undefined {
  const [type = '', name = '', ...more] = path.split('.');
  if (type === '' || name === '' || more.length > 0) {
    return 'must be type.field=value, such as billing.name=Anna';
  }
  const contacts = isObject(request['alternateContacts'])
    ? { ...request['alternateContacts'] }
    : {};
  merge(contacts, type, { [name]: value });
  request['alternateContacts'] = contacts;
  return undefined;
}

export function onlyAll(packs: string[] | undefined): string[] | 'all' | undefined {
  return packs?.length === 1 && packs[0] === 'all' ? 'all' : packs;
}
