import { DescribeCreateAccountStatusCommand } from '@aws-sdk/client-organizations';
import type { Configuration } from '../../config';
import {
  REQUEST_TAG,
  requestTagValue,
  type ConformanceRow,
  type VendRequest,
  type VendResult,
} from '../../contract';
import { withoutAddresses } from '../../domain/redact';
import {
  AwsCallError,
  ConfigPace,
  PackReader,
  accountById,
  call,
  findOrganizationalUnit,
  isSimulated,
  parentOf,
  proofTag,
  stateOf,
  type AwsClients,
} from '../aws';
import { readAccounts, readCreations, readRoot } from '../doctor/read-aws';
import { plain } from '../io';

/** One thing that AWS shows of the account. */
export interface Sight {
  ok: boolean;
  what: string;
}

export interface Vended {
  configuration: Configuration;
  request: VendRequest;
  result: VendResult;
}

/** Looks at AWS itself, and takes the vend's word for nothing. It only reads. */
export async function lookAtAccount(aws: AwsClients, vended: Vended): Promise<Sight[]> {
  const looks = [
    () => itself(aws, vended),
    () => creations(aws, vended),
    () => tag(aws, vended),
    () => unit(aws, vended),
    () => packs(aws, vended),
  ];
  const seen: Sight[] = [];
  for (const look of looks) seen.push(...(await orRefusal(look)));
  return seen;
}

async function orRefusal(look: () => Promise<Sight[]>): Promise<Sight[]> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof AwsCallError)) throw error;
    const { operation, name, message } = error.detail;
    return [{ ok: false, what: clean(`AWS answered ${operation} with ${name}: ${message}`) }];
  }
}

/** AWS's own words may hold anything. */
function clean(text: string): string {
  return withoutAddresses(plain(text));
}

async function itself(aws: AwsClients, { request, result }: Vended): Promise<Sight[]> {
  const { accountId } = result;
  const account = await accountById(aws, accountId);
  if (!account) return [{ ok: false, what: `the organization has no account ${accountId}` }];
  const isMember = account.Arn?.includes(`:account/${request.organizationId}/`) ?? false;
  const where = isMember ? `in organization ${request.organizationId}` : 'in another organization';
  const state = stateOf(account);
  return [
    { ok: state === 'ACTIVE' && isMember, what: `account ${accountId} is ${state} ${where}` },
  ];
}

/** Every request that this vend has sent: one of them made the account, and none made another. */
async function creations(aws: AwsClients, vended: Vended): Promise<Sight[]> {
  const { result } = vended;
  const made: string[] = [];
  const others: string[] = [];
  for (const id of result.createAccountRequestIds) {
    const { CreateAccountStatus: status } = await call('DescribeCreateAccountStatus', () =>
      aws.organizations.send(
        new DescribeCreateAccountStatusCommand({ CreateAccountRequestId: id }),
      ),
    );
    if (status?.State === 'FAILED') continue;
    const isIt = status?.State === 'SUCCEEDED' && status.AccountId === result.accountId;
    (isIt ? made : others).push(id);
  }
  if (others.length > 0) return [{ ok: false, what: `${others.join(', ')} made another account` }];
  const unknown = await unknownToTheVend(aws, vended);
  if (unknown.length > 0) return unknown.map((what) => ({ ok: false, what }));
  const what = made.length > 0 ? `made once, by ${made.join(', ')}` : 'it existed before';
  return [{ ok: made.length === 1 || (made.length === 0 && result.adopted), what }];
}

/** What a CreateAccount has made, or is making, that was sent for this request and that its vend knows nothing of. */
async function unknownToTheVend(
  aws: AwsClients,
  { configuration, request, result }: Vended,
): Promise<string[]> {
  const { accountId, createAccountRequestIds: known } = result;
  const { accounts } = await readAccounts(aws, Infinity);
  const found: string[] = [];
  const wanted = requestTagValue(request.requestId, configuration.installation);
  for (const account of accounts) {
    const { Id: id = '', Name: name } = account;
    // One that is closed may be of an earlier try.
    if (name !== request.accountName || id === accountId || stateOf(account) !== 'ACTIVE') continue;
    if ((await proofTag(aws, id)) === wanted) found.push(`account ${id} carries its tag, too`);
  }
  for (const { Id: id = '', AccountName: name } of await readCreations(aws)) {
    if (name !== request.accountName || known.includes(id)) continue;
    found.push(`${id} is making an account of the same name, and this vend does not know it`);
  }
  return found;
}

async function tag(aws: AwsClients, { configuration, request, result }: Vended): Promise<Sight[]> {
  const wanted = requestTagValue(request.requestId, configuration.installation);
  const found = await proofTag(aws, result.accountId);
  if (found === wanted) return [{ ok: true, what: `tag ${REQUEST_TAG} is ${wanted}` }];
  const what = `tag ${REQUEST_TAG} is ${found ?? 'missing'}, and should be ${wanted}`;
  return [{ ok: false, what: clean(what) }];
}

async function unit(aws: AwsClients, { configuration, request, result }: Vended): Promise<Sight[]> {
  const text = request.organizationalUnit ?? configuration.placement.organizationalUnit;
  const wanted = await findOrganizationalUnit(aws, await readRoot(aws), text);
  const found = await parentOf(aws, result.accountId);
  const named = text ?? 'the root';
  if (!wanted.found) return [{ ok: false, what: clean(`${named} ${wanted.why}`) }];
  if (wanted.id === found) return [{ ok: true, what: `stands in ${named} (${found})` }];
  return [{ ok: false, what: `stands in ${found}, and should in ${named} (${wanted.id})` }];
}

const SUCCESSFUL = /^(?:CREATE|UPDATE)_SUCCESSFUL$/;
/** A few calls in all. */
const CALL_EVERY_MS = 250;

async function packs(aws: AwsClients, { configuration, result }: Vended): Promise<Sight[]> {
  const pace = new ConfigPace(isSimulated('CONFIG_SERVICE') ? 0 : CALL_EVERY_MS);
  const reader = new PackReader({ aws, configuration }, pace);
  const seen: Sight[] = [];
  for (const row of result.conformance) seen.push(await pack(reader, row, result.accountId));
  if (seen.length === 0) return [{ ok: true, what: 'no conformance pack was waited for' }];
  return seen;
}

async function pack(reader: PackReader, row: ConformanceRow, accountId: string): Promise<Sight> {
  const { region, owner, status } = row;
  const label = `conformance pack ${row.pack} in ${region}`;
  // No row is to be there: a person, or the pack itself, left this account out.
  if (!SUCCESSFUL.test(status)) return { ok: true, what: `${label}: ${status}` };
  const tally = { calls: 0, throttled: 0 };
  const { items } = await reader.rows({ region, owner }, row.pack, { accountId }, tally);
  const found = items.find(({ AccountId }) => AccountId === accountId)?.Status ?? 'no row';
  return { ok: SUCCESSFUL.test(found), what: `${label}: ${found}` };
}
