import {
  DescribeOrganizationConformancePackStatusesCommand,
  DescribeOrganizationConformancePacksCommand,
  GetOrganizationConformancePackDetailedStatusCommand,
} from '@aws-sdk/client-config-service';
import type {
  ConfigServiceClient,
  OrganizationConformancePack,
  OrganizationConformancePackDetailedStatus,
  OrganizationConformancePackStatus,
  OrganizationResourceDetailedStatusFilters,
} from '@aws-sdk/client-config-service';
import { DescribeOrganizationCommand } from '@aws-sdk/client-organizations';
import { OwnReason } from '../contract';
import { isThrottling, meansLostCredentials } from '../domain/dispositions';
import { AwsCallError, call, listPages, outcomeOf } from './aws-calls';
import type { Pages } from './aws-calls';
import type { ConfigPace } from './config-pace';
import type { ActivityDeps } from './deps';

/** Where packs are: a Region, and the account that owns them where that is a delegated administrator. */
export interface Place {
  region: string;
  owner?: string | undefined;
}

/** What was asked of AWS Config. */
export interface Tally {
  calls: number;
  throttled: number;
}

/** A call that AWS throttles, or that got no answer, is sent so often in all. */
const ATTEMPTS = 4;

/** AWS Config takes at most this many names a call. */
const NAMES_A_CALL = 25;

/**
 * The calls of AWS Config about organization conformance packs, each in its turn. Read-only.
 * @throws {AwsCallError}
 */
export class PackReader {
  readonly #deps: ActivityDeps;
  readonly #pace: ConfigPace;

  constructor(deps: ActivityDeps, pace: ConfigPace) {
    this.#deps = deps;
    this.#pace = pace;
  }

  /** The rows of a pack, one an account; of one status or one account where that is given. */
  rows(
    place: Place,
    pack: string,
    filter: { status?: string; accountId?: string },
    tally: Tally,
    mostPages?: number,
  ): Promise<Pages<OrganizationConformancePackDetailedStatus>> {
    const { status, accountId } = filter;
    // A row can have a status that no model knows, and so may a filter.
    const filters = {
      ...(accountId ? { AccountId: accountId } : {}),
      ...(status ? { Status: status } : {}),
    } as OrganizationResourceDetailedStatusFilters;
    return listPages(async (token) => {
      const page = await this.#call(
        place,
        'GetOrganizationConformancePackDetailedStatus',
        (config) =>
          config.send(
            new GetOrganizationConformancePackDetailedStatusCommand({
              OrganizationConformancePackName: pack,
              ...(accountId || status ? { Filters: filters } : {}),
              NextToken: token,
            }),
          ),
        tally,
      );
      return { items: page.OrganizationConformancePackDetailedStatuses, token: page.NextToken };
    }, mostPages);
  }

  /** The organization-wide status of packs; of all that the owner has, where no name is given. */
  async statuses(
    place: Place,
    names: readonly string[] | undefined,
    tally: Tally,
  ): Promise<OrganizationConformancePackStatus[]> {
    return this.#byNames(names, async (some) => {
      const { items } = await listPages(async (token) => {
        const page = await this.#call(
          place,
          'DescribeOrganizationConformancePackStatuses',
          (config) =>
            config.send(
              new DescribeOrganizationConformancePackStatusesCommand({
                ...(some ? { OrganizationConformancePackNames: some } : {}),
                NextToken: token,
              }),
            ),
          tally,
        );
        return { items: page.OrganizationConformancePackStatuses, token: page.NextToken };
      });
      return items;
    });
  }

  /** The packs themselves: which accounts they leave out. */
  async packs(
    place: Place,
    names: readonly string[],
    tally: Tally,
  ): Promise<OrganizationConformancePack[]> {
    return this.#byNames(names, async (some) => {
      const { items } = await listPages(async (token) => {
        const page = await this.#call(
          place,
          'DescribeOrganizationConformancePacks',
          (config) =>
            config.send(
              new DescribeOrganizationConformancePacksCommand({
                ...(some ? { OrganizationConformancePackNames: some } : {}),
                NextToken: token,
              }),
            ),
          tally,
        );
        return { items: page.OrganizationConformancePacks, token: page.NextToken };
      });
      return items;
    });
  }

  /** One unknown name fails a whole call: what has gone since is told where its rows are asked for. */
  async #byNames<T>(
    names: readonly string[] | undefined,
    read: (names: string[] | undefined) => Promise<T[]>,
  ): Promise<T[]> {
    if (!names) return read(undefined);
    const all: T[] = [];
    for (let start = 0; start < names.length; start += NAMES_A_CALL) {
      try {
        all.push(...(await read(names.slice(start, start + NAMES_A_CALL))));
      } catch (error) {
        if (!isNoSuchPack(error)) throw error;
      }
    }
    return all;
  }

  async #call<T>(
    place: Place,
    operation: string,
    send: (config: ConfigServiceClient) => Promise<T>,
    tally: Tally,
  ): Promise<T> {
    const config = this.#client(place, operation);
    const { region } = place;
    for (let attempt = 1; ; attempt += 1) {
      await this.#pace.turn(region);
      tally.calls += 1;
      try {
        const answer = await call(operation, () => send(config));
        this.#pace.taken(region);
        return answer;
      } catch (error) {
        if (!(error instanceof AwsCallError)) throw error;
        const isThrottled = isThrottling(error.detail.name);
        if (isThrottled) {
          tally.throttled += 1;
          this.#pace.throttled(region);
        }
        const isWorthAnother = isThrottled || error.detail.outcome === 'unknown';
        if (!isWorthAnother || attempt >= ATTEMPTS)
          throw asOf(place, await this.#orOfTheRegion(place, error));
      }
    }
  }

  /**
   * AWS Config of a Region that the account has not enabled says that it does not know the credentials. Where
   * AWS knows the same ones elsewhere, they are not lost, and only this Region cannot be looked at.
   */
  async #orOfTheRegion({ region, owner }: Place, error: AwsCallError): Promise<AwsCallError> {
    if (error.detail.name !== 'UnrecognizedClientException') return error;
    // Those of an owner are a session that AWS STS gave.
    if (owner === undefined && (await this.#areLost())) return error;
    const { detail } = error;
    return new AwsCallError({
      ...detail,
      name: OwnReason.CONFORMANCE_REGION_NOT_ENABLED,
      message: `${region} does not know credentials that are good elsewhere: ${detail.message}`,
    });
  }

  /** AWS knows whom it throttles or denies; and where it is not reached, every other call will tell. */
  async #areLost(): Promise<boolean> {
    const answer = await outcomeOf(() =>
      call('DescribeOrganization', () =>
        this.#deps.aws.organizations.send(new DescribeOrganizationCommand({})),
      ),
    );
    return !answer.ok && meansLostCredentials(answer.error.name);
  }

  #client({ region, owner }: Place, operation: string): ConfigServiceClient {
    const { aws, configuration } = this.#deps;
    if (owner === undefined) return aws.config(region);
    const role = configuration.conformance.owners.find(
      ({ roleArn, regions }) => ownerOf(roleArn) === owner && (regions?.includes(region) ?? true),
    );
    if (role) return aws.config(region, role);
    throw new AwsCallError({
      operation,
      name: OwnReason.CONFORMANCE_OWNER_UNKNOWN,
      message: `conformance.owners names no role in account ${owner} for ${region}`,
      outcome: 'rejected',
    });
  }
}

/** The account of a role's ARN. */
export function ownerOf(roleArn: string): string {
  return roleArn.split(':')[4] ?? '';
}

/** Whose packs it is about, where they are not the management account's. */
function asOf({ owner }: Place, { detail }: AwsCallError): AwsCallError {
  if (owner === undefined) return new AwsCallError(detail);
  return new AwsCallError({ ...detail, message: `(in account ${owner}) ${detail.message}` });
}

export function isNoSuchPack(error: unknown): boolean {
  return (
    error instanceof AwsCallError &&
    error.detail.name === 'NoSuchOrganizationConformancePackException'
  );
}
