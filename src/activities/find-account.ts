import { ListTagsForResourceCommand, TagResourceCommand } from '@aws-sdk/client-organizations';
import type { Account } from '@aws-sdk/client-organizations';
import { activityInfo, log } from '@temporalio/activity';
import type { AwsClients } from '../aws/clients';
import { REQUEST_TAG } from '../contract';
import type { AskedAs } from '../domain/earlier-run';
import type { AdmittedRequest } from '../domain/policy';
import { accountById, isActive, stateOf } from './accounts';
import type { AccountList } from './accounts';
import { call, listAll, outcomeOf } from './aws-calls';
import { listCreations, toStatus } from './create-account';
import type { ActivityDeps } from './deps';
import type { OrganizationLookup } from './organization';
import type { Finding, Inspection, Outcome } from './outcomes';

/** Clocks differ, and AWS itself gives one request two times 83 ms apart. */
const CLOCK_TOLERANCE_MS = 120_000;

export interface FindInput {
  organizationId: string;
  request: AdmittedRequest;
  /** ISO 8601: no creation of this request can be older. */
  since: string;
  /** Creations whose end is known already, and made nothing. */
  ended: string[];
  /** Addresses and names that it was asked for under before, in earlier runs too. */
  earlier?: readonly AskedAs[];
  /** Accounts that it had once, whatever their address. */
  lost?: readonly { accountId: string; completedAt: string }[];
}

/**
 * Looks for what an earlier CreateAccount of this request may have made: in the creations, by name
 * and time, and among the accounts, by e-mail address. Only our tag proves that it is ours, since
 * no status record holds an address. Read-only.
 */
export function findAccount(
  deps: ActivityDeps,
  lookup: OrganizationLookup,
  accounts: AccountList,
  input: FindInput,
): Promise<Outcome<Finding>> {
  return outcomeOf(async () => {
    const { managementAccountId } = await lookup.expect(input.organizationId);
    const creations = await candidates(deps.aws, input);
    const emails = [input.request, ...(input.earlier ?? [])].map(({ email }) =>
      email?.toLowerCase(),
    );
    let complete = true;
    let inactive: { accountId: string; state: string } | undefined;
    const gone: { accountId: string; completedAt: string }[] = [];
    for (const creation of creations) {
      if (creation.state === 'IN_PROGRESS' || creation.state === 'FAILED') continue;
      if (!creation.accountId) {
        // SUCCEEDED without an account id, or a state that AWS has added: no proof either way.
        complete = false;
        continue;
      }
      const proof = await prove(deps.aws, creation.accountId, input.request, emails);
      if (proof.is === 'ours') return { ...proof, creation };
      const { accountId, completedAt } = creation;
      if (proof.is === 'unknown' && completedAt) gone.push({ accountId, completedAt });
      else if (proof.is !== 'foreign') complete = false;
      if (proof.is === 'unclear') inactive = proof.inactive ?? inactive;
    }
    for (const lost of input.lost ?? []) {
      if (gone.some(({ accountId }) => accountId === lost.accountId)) continue;
      const proof = await prove(deps.aws, lost.accountId, input.request);
      if (proof.is === 'ours') return proof;
      if (proof.is !== 'unclear') gone.push(lost);
      else {
        complete = false;
        inactive = proof.inactive ?? inactive;
      }
    }
    const running = creations.find((creation) => creation.state === 'IN_PROGRESS');
    if (running) return { is: 'in-progress', creation: running };
    let foreign: { accountId: string; isOlder?: true } | undefined;
    for (const account of await accountsByEmail(accounts, emails)) {
      const accountId = account.Id ?? 'unknown';
      const proof: Proof =
        accountId === 'unknown' || accountId === managementAccountId
          ? { is: 'foreign' }
          : await prove(deps.aws, accountId, input.request, emails, account);
      if (proof.is === 'ours') {
        const creation = creations.find((candidate) => candidate.accountId === accountId);
        return { ...proof, ...(creation ? { creation } : {}) };
      }
      if (proof.is === 'unclear') {
        complete = false;
        inactive = proof.inactive ?? inactive;
      }
      // An address from before may be anybody's by now; only the present one is in the way.
      else if (account.Email?.toLowerCase() === emails[0]) {
        const isOlder =
          account.JoinedTimestamp && account.JoinedTimestamp.getTime() < earliest(input);
        foreign = { accountId, ...(isOlder ? { isOlder } : {}) };
      }
    }
    const runId = activityInfo().workflowExecution?.runId;
    const seen = {
      complete: complete && gone.length === 0,
      ...(inactive ? { inactive } : {}),
      ...(complete && gone.length > 0 ? { gone } : {}),
      ...(runId ? { runId } : {}),
    };
    if (foreign) return { is: 'foreign', ...foreign, ...seen };
    log.info('no account of this request was found', {
      requestId: input.request.requestId,
      complete: seen.complete,
    });
    return { is: 'nothing', ...seen };
  });
}

/** Nothing that AWS did before this was for the request. */
function earliest({ since }: FindInput): number {
  return Date.parse(since) - CLOCK_TOLERANCE_MS;
}

async function candidates(aws: AwsClients, input: FindInput) {
  const fromMs = earliest(input);
  const names = [input.request, ...(input.earlier ?? [])].map(({ accountName }) => accountName);
  const listed = await listCreations(aws);
  return listed
    .filter((status) => names.includes(status.AccountName))
    .filter((status) => (status.RequestedTimestamp?.getTime() ?? fromMs) >= fromMs)
    .map(toStatus)
    .filter((status) => status !== undefined)
    .filter((status) => !input.ended.includes(status.id));
}

async function accountsByEmail(
  accounts: AccountList,
  emails: readonly (string | undefined)[],
): Promise<Account[]> {
  return (await accounts.read()).filter(
    ({ Email }) => Email !== undefined && emails.includes(Email.toLowerCase()),
  );
}

type Proof =
  | { is: 'ours'; accountId: string; joinedAt?: string }
  | { is: 'foreign' }
  /** AWS does not show it yet, or not any more. */
  | { is: 'unknown' }
  /** It is not active: no proof either way. */
  | { is: 'unclear'; inactive?: { accountId: string; state: string } };

/** What AWS does not end by itself, or ends with an account that is closed. */
const INACTIVE = ['SUSPENDED', 'PENDING_CLOSURE', 'CLOSED'];

async function prove(
  aws: AwsClients,
  accountId: string,
  request: AdmittedRequest,
  emails?: readonly (string | undefined)[],
  listed?: Account,
): Promise<Proof> {
  const account = listed ?? (await accountById(aws, accountId));
  if (!account) return { is: 'unknown' };
  if (emails && !emails.includes(account.Email?.toLowerCase())) return { is: 'foreign' };
  const tag = await proofTag(aws, accountId);
  if (tag !== request.tags[REQUEST_TAG]) return { is: 'foreign' };
  const state = stateOf(account);
  if (INACTIVE.includes(state)) return { is: 'unclear', inactive: { accountId, state } };
  if (!isActive(account)) return { is: 'unclear' };
  return { is: 'ours', accountId, ...joined(account) };
}

function joined(account: Account): { joinedAt?: string } {
  return account.JoinedTimestamp ? { joinedAt: account.JoinedTimestamp.toISOString() } : {};
}

export async function proofTag(aws: AwsClients, accountId: string): Promise<string | undefined> {
  const tags = await listAll(async (token) => {
    const page = await call('ListTagsForResource', () =>
      aws.organizations.send(
        new ListTagsForResourceCommand({ ResourceId: accountId, NextToken: token }),
      ),
    );
    return { items: page.Tags, token: page.NextToken };
  });
  return tags.find((tag) => tag.Key === REQUEST_TAG)?.Value;
}

export interface InspectInput {
  organizationId: string;
  request: AdmittedRequest;
  accountId: string;
  allowOtherEmail: boolean;
}

/** Whether an account that a person named may be taken as the account of this request. Read-only. */
export function inspectAccount(
  deps: ActivityDeps,
  lookup: OrganizationLookup,
  input: InspectInput,
): Promise<Outcome<Inspection>> {
  return outcomeOf(async () => {
    const { managementAccountId } = await lookup.expect(input.organizationId);
    const refuse = (why: string) => ({ fits: false, why }) as const;
    if (input.accountId === managementAccountId) return refuse('it is the management account');
    const account = await accountById(deps.aws, input.accountId);
    if (!account) {
      const why =
        'it is not a member of this organization (AWS may show one that has just joined some minutes late)';
      return { ...refuse(why), isShownLate: true };
    }
    if (!isActive(account)) {
      return refuse(`it is ${stateOf(account)}, and must be ACTIVE`);
    }
    const { email } = input.request;
    if (email && !input.allowOtherEmail && account.Email?.toLowerCase() !== email.toLowerCase()) {
      return refuse(
        'it has another e-mail address than the request (allowOtherEmail takes it all the same)',
      );
    }
    const tag = await proofTag(deps.aws, input.accountId);
    const ours = input.request.tags[REQUEST_TAG];
    if (tag !== undefined && tag !== ours) return refuse(`it belongs to the vend ${tag}`);
    return { fits: true, tagged: tag === ours, ...joined(account) };
  });
}

export interface TagInput {
  organizationId: string;
  /** Absent in what earlier versions have scheduled. */
  requestId?: string;
  accountId: string;
  tags: Record<string, string>;
}

export interface Tagged {
  /** The proof tag of another vend, which stays. */
  takenBy?: string;
}

/**
 * Writes the request's tags, the proof tag among them. Idempotent: equal keys are overwritten, but for the
 * proof tag of another vend. AWS has no conditional write, so it is read before and after: of two vends
 * that are told of one account the later one gives way, but for some milliseconds.
 * @see https://docs.aws.amazon.com/organizations/latest/APIReference/API_TagResource.html
 */
export function tagAccount(
  deps: ActivityDeps,
  lookup: OrganizationLookup,
  input: TagInput,
): Promise<Outcome<Tagged>> {
  return outcomeOf(async () => {
    await lookup.expect(input.organizationId);
    const takenBy = async () => {
      const tag = await proofTag(deps.aws, input.accountId);
      return tag === undefined || tag === input.tags[REQUEST_TAG] ? {} : { takenBy: tag };
    };
    const before = await takenBy();
    if (before.takenBy !== undefined) return before;
    const { organizations } = deps.aws.writersFor(input.requestId);
    await call('TagResource', () =>
      organizations.send(
        new TagResourceCommand({
          ResourceId: input.accountId,
          Tags: Object.entries(input.tags).map(([Key, Value]) => ({ Key, Value })),
        }),
      ),
    );
    return takenBy();
  });
}
