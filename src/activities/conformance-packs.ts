import {
  DescribeOrganizationConformancePackStatusesCommand,
  DescribeOrganizationConformancePacksCommand,
  GetOrganizationConformancePackDetailedStatusCommand,
} from '@aws-sdk/client-config-service';
import type { ConfigServiceClient } from '@aws-sdk/client-config-service';
import type { AwsClients } from '../aws/clients';
import { clean } from '../aws/errors';
import type { FieldProblem } from '../contract';
import type { DeploymentStatus, PackObservation } from '../domain/conformance';
import type { RequiredPack } from '../domain/policy';
import { AwsCallError, call, listAll, outcomeOf } from './aws-calls';
import type { ActivityDeps } from './deps';
import type { OrganizationLookup } from './organization';
import type { Outcome } from './outcomes';

/** AWS Config takes at most this many names a call. */
const NAMES_A_CALL = 25;

/** Which packs, in which regions, a request asks for. Problems name the field of the request. */
export async function requiredPacks(
  aws: AwsClients,
  wanted: { packs: 'all' | readonly string[]; regions: readonly string[]; allowNone: boolean },
): Promise<{ ok: true; required: RequiredPack[] } | { ok: false; problems: FieldProblem[] }> {
  const pinned = wanted.packs === 'all' ? [] : wanted.packs.filter((name) => name.includes('/'));
  const pinnedRegions = pinned.map((name) => name.slice(0, name.indexOf('/')));
  const regions = [...new Set([...wanted.regions, ...pinnedRegions])];
  const required: RequiredPack[] = [];
  const problems: FieldProblem[] = [];

  for (const region of regions) {
    const existing = await packNames(aws.config(region));
    const isConfigured = wanted.regions.includes(region);
    if (wanted.packs === 'all') {
      required.push(...existing.map((pack) => ({ region, pack })));
      if (existing.length === 0 && !wanted.allowNone) problems.push(noPackAtAll(region));
      continue;
    }
    for (const [index, name] of wanted.packs.entries()) {
      const [place, pack] = name.includes('/') ? splitName(name) : [region, name];
      if (place !== region || (!isConfigured && !name.includes('/'))) continue;
      if (existing.includes(pack)) required.push({ region, pack });
      else problems.push(noSuchPack(index, region, existing));
    }
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, required: unique(required) };
}

function splitName(name: string): [region: string, pack: string] {
  const slash = name.indexOf('/');
  return [name.slice(0, slash), name.slice(slash + 1)];
}

function unique(packs: RequiredPack[]): RequiredPack[] {
  const seen = new Map(packs.map((pack) => [`${pack.region}/${pack.pack}`, pack]));
  return [...seen.values()];
}

function noPackAtAll(region: string): FieldProblem {
  return {
    field: 'conformance.regions',
    message: `names ${region}, where the organization has no conformance pack to wait for: deploy one there, leave the region out, set conformance: false in the request, or set conformance.allowNone in the configuration`,
  };
}

function noSuchPack(index: number, region: string, existing: readonly string[]): FieldProblem {
  const there = existing.length > 0 ? existing.join(', ') : 'none';
  return {
    field: `conformance.packs[${index}]`,
    message: `names an organization conformance pack that does not exist in ${region}; there: ${there}. A name must exist in every region of the request; write region/name for one region alone`,
  };
}

/** Packs on their way out do not count as required. */
async function packNames(config: ConfigServiceClient): Promise<string[]> {
  const statuses = await listAll(async (token) => {
    const page = await call('DescribeOrganizationConformancePackStatuses', () =>
      config.send(new DescribeOrganizationConformancePackStatusesCommand({ NextToken: token })),
    );
    return { items: page.OrganizationConformancePackStatuses, token: page.NextToken };
  });
  return statuses
    .filter((status) => !status.Status?.startsWith('DELETE_') || status.Status === 'DELETE_FAILED')
    .map((status) => status.OrganizationConformancePackName)
    .filter((name) => name !== undefined);
}

export interface ConformanceLookInput {
  organizationId: string;
  accountId: string;
  region: string;
  packs: string[];
  /** Whether the organization-wide status counts too. */
  withAggregate: boolean;
}

/**
 * One look at packs of one region: the account's own row of each, which packs leave it out, and,
 * where asked for, the organization-wide status. Read-only.
 * @see https://docs.aws.amazon.com/config/latest/APIReference/API_GetOrganizationConformancePackDetailedStatus.html
 * @see https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeOrganizationConformancePackStatuses.html
 */
export function lookAtConformance(
  deps: ActivityDeps,
  lookup: OrganizationLookup,
  input: ConformanceLookInput,
): Promise<Outcome<PackObservation[]>> {
  return outcomeOf(async () => {
    await lookup.expect(input.organizationId);
    const config = deps.aws.config(input.region);
    const seen = new Map<string, PackObservation>();
    for (const pack of input.packs) {
      seen.set(pack, await lookAtRow(config, input.region, pack, input.accountId));
    }
    // A pack without a row may leave the account out; that is not asked for as long as rows tell.
    const rowless = [...seen.values()].filter((pack) => !pack.row && !pack.gone);
    for (const names of chunks(rowless.map((pack) => pack.pack))) {
      for (const pack of await packsThatExclude(config, names, input.accountId)) {
        const known = seen.get(pack);
        if (known) seen.set(pack, { ...known, excluded: true });
      }
    }
    if (input.withAggregate) {
      const there = [...seen.values()].filter((pack) => !pack.gone).map((pack) => pack.pack);
      for (const names of chunks(there)) await addAggregates(config, names, seen);
    }
    return [...seen.values()];
  });
}

async function lookAtRow(
  config: ConfigServiceClient,
  region: string,
  pack: string,
  accountId: string,
): Promise<PackObservation> {
  try {
    const rows = await listAll(async (token) => {
      const page = await call('GetOrganizationConformancePackDetailedStatus', () =>
        config.send(
          new GetOrganizationConformancePackDetailedStatusCommand({
            OrganizationConformancePackName: pack,
            Filters: { AccountId: accountId },
            NextToken: token,
          }),
        ),
      );
      return { items: page.OrganizationConformancePackDetailedStatuses, token: page.NextToken };
    });
    const row = rows.find((candidate) => candidate.AccountId === accountId);
    return { region, pack, ...(row ? { row: toDeployment(row) } : {}) };
  } catch (error) {
    if (isNoSuchPack(error)) return { region, pack, gone: true };
    throw error;
  }
}

async function packsThatExclude(
  config: ConfigServiceClient,
  names: string[],
  accountId: string,
): Promise<string[]> {
  try {
    const packs = await listAll(async (token) => {
      const page = await call('DescribeOrganizationConformancePacks', () =>
        config.send(
          new DescribeOrganizationConformancePacksCommand({
            OrganizationConformancePackNames: names,
            NextToken: token,
          }),
        ),
      );
      return { items: page.OrganizationConformancePacks, token: page.NextToken };
    });
    return packs
      .filter((pack) => pack.ExcludedAccounts?.includes(accountId))
      .map((pack) => pack.OrganizationConformancePackName)
      .filter((name) => name !== undefined);
  } catch (error) {
    // Deleted since the look at its rows: the next look tells.
    if (isNoSuchPack(error)) return [];
    throw error;
  }
}

async function addAggregates(
  config: ConfigServiceClient,
  names: string[],
  seen: Map<string, PackObservation>,
): Promise<void> {
  try {
    const statuses = await listAll(async (token) => {
      const page = await call('DescribeOrganizationConformancePackStatuses', () =>
        config.send(
          new DescribeOrganizationConformancePackStatusesCommand({
            OrganizationConformancePackNames: names,
            NextToken: token,
          }),
        ),
      );
      return { items: page.OrganizationConformancePackStatuses, token: page.NextToken };
    });
    for (const status of statuses) {
      const known = seen.get(status.OrganizationConformancePackName ?? '');
      if (known) seen.set(known.pack, { ...known, aggregate: toDeployment(status) });
    }
  } catch (error) {
    if (!isNoSuchPack(error)) throw error;
  }
}

function toDeployment(row: {
  Status?: string | undefined;
  ErrorCode?: string | undefined;
  ErrorMessage?: string | undefined;
  LastUpdateTime?: Date | undefined;
}): DeploymentStatus {
  return {
    status: row.Status ?? 'UNKNOWN',
    ...(row.ErrorCode ? { errorCode: row.ErrorCode } : {}),
    ...(row.ErrorMessage ? { errorMessage: clean(row.ErrorMessage) } : {}),
    ...(row.LastUpdateTime ? { lastUpdateTime: row.LastUpdateTime.toISOString() } : {}),
  };
}

function isNoSuchPack(error: unknown): boolean {
  return (
    error instanceof AwsCallError &&
    error.detail.name === 'NoSuchOrganizationConformancePackException'
  );
}

function* chunks(names: string[]): Iterable<string[]> {
  for (let start = 0; start < names.length; start += NAMES_A_CALL) {
    yield names.slice(start, start + NAMES_A_CALL);
  }
}
