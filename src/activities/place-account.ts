import { ListParentsCommand, MoveAccountCommand } from '@aws-sdk/client-organizations';
import { log } from '@temporalio/activity';
import type { AwsClients } from '../aws/clients';
import { AwsCallError, call, listAll, outcomeOf } from './aws-calls';
import type { ActivityDeps } from './deps';
import type { OrganizationLookup } from './organization';
import type { Outcome, Placement } from './outcomes';

export interface PlaceInput {
  organizationId: string;
  /** Absent in what earlier versions have scheduled. */
  requestId?: string;
  accountId: string;
  rootId: string;
  /** An OU, or the root. */
  destinationId: string;
  /**
   * `anywhere`: this vend created the account, or a person said so: move it from wherever it is.
   * `root`: it was brought in; where it stands elsewhere that may be on purpose.
   */
  from: 'anywhere' | 'root';
}

/**
 * Moves the account to its organizational unit, judged by where it really is: an answer may be
 * lost, and somebody else may have moved it. Idempotent.
 * @see https://docs.aws.amazon.com/organizations/latest/APIReference/API_MoveAccount.html
 */
export function placeAccount(
  deps: ActivityDeps,
  lookup: OrganizationLookup,
  input: PlaceInput,
): Promise<Outcome<Placement>> {
  return outcomeOf(async () => {
    await lookup.expect(input.organizationId);
    // A new account stands in the root, so the look at its parent is saved for when that fails.
    if (input.from === 'anywhere' && input.destinationId !== input.rootId) {
      try {
        return await move(deps.aws, input, input.rootId);
      } catch (error) {
        if (!isAboutWhereItIs(error)) throw error;
      }
    }
    return placeFromWhereItIs(deps.aws, input);
  });
}

/** The id of the OU or root in which the account stands. Read-only. */
export function locateAccount(
  deps: ActivityDeps,
  lookup: OrganizationLookup,
  input: { organizationId: string; accountId: string },
): Promise<Outcome<string>> {
  return outcomeOf(async () => {
    await lookup.expect(input.organizationId);
    return parentOf(deps.aws, input.accountId);
  });
}

async function placeFromWhereItIs(aws: AwsClients, input: PlaceInput): Promise<Placement> {
  const parentId = await parentOf(aws, input.accountId);
  if (parentId === input.destinationId) return { is: 'placed' };
  if (input.from === 'root' && parentId !== input.rootId) return { is: 'elsewhere', parentId };
  return move(aws, input, parentId);
}

async function move(aws: AwsClients, input: PlaceInput, source: string): Promise<Placement> {
  const { organizationsWrite } = aws.writersFor(input.requestId);
  try {
    await call('MoveAccount', () =>
      organizationsWrite.send(
        new MoveAccountCommand({
          AccountId: input.accountId,
          SourceParentId: source,
          DestinationParentId: input.destinationId,
        }),
      ),
    );
  } catch (error) {
    if (!(error instanceof AwsCallError) || error.detail.name !== 'DuplicateAccountException') {
      throw error;
    }
    // Already there.
  }
  log.info('the account stands in its organizational unit', {
    accountId: input.accountId,
    organizationalUnitId: input.destinationId,
  });
  return { is: 'placed', from: source };
}

/** What AWS says where the account is not in the source; which of the two is not documented. */
const NOT_IN_SOURCE = new Set(['SourceParentNotFoundException', 'AccountNotFoundException']);

/** Errors after which only a look at the parent tells what is true. */
function isAboutWhereItIs(error: unknown): boolean {
  if (!(error instanceof AwsCallError)) return false;
  return error.detail.outcome === 'unknown' || NOT_IN_SOURCE.has(error.detail.name);
}

export async function parentOf(aws: AwsClients, accountId: string): Promise<string> {
  const parents = await listAll(async (token) => {
    const page = await call('ListParents', () =>
      aws.organizations.send(new ListParentsCommand({ ChildId: accountId, NextToken: token })),
    );
    return { items: page.Parents, token: page.NextToken };
  });
  const id = parents[0]?.Id;
  if (id) return id;
  throw new AwsCallError({
    operation: 'ListParents',
    name: 'ChildNotFoundException',
    message: 'AWS names no parent of the account',
    outcome: 'rejected',
  });
}
