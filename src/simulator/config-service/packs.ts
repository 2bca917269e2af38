import type {
  OrganizationConformancePack,
  OrganizationConformancePackStatus,
} from '@aws-sdk/client-config-service';
import { newPackSuffix } from '../ids';
import { epochSeconds, type Call, type Wire } from '../wire/call';
import { AwsError } from '../wire/errors';
import { count, type PackState, type World } from '../world';
import { aggregateStatus } from './aggregate';
import { configOperation, configPage } from './config-operation';
import * as schemas from './schemas';

export const describePacks = configOperation(schemas.describePacksInput, (world, input, call) =>
  describe(world, call, input, 'OrganizationConformancePacks', (pack) => packView(world, pack)),
);

export const describePackStatuses = configOperation(
  schemas.describePacksInput,
  (world, input, call) =>
    describe(world, call, input, 'OrganizationConformancePackStatuses', (pack) =>
      statusView(world, pack),
    ),
);

interface DescribeInput {
  OrganizationConformancePackNames?: string[] | undefined;
  Limit?: number | undefined;
  NextToken?: string | undefined;
}

/** With names given, Limit and NextToken do not apply, and one unknown name fails the whole call. */
function describe(
  world: World,
  call: Call,
  input: DescribeInput,
  member: string,
  show: (pack: PackState) => unknown,
): Record<string, unknown> {
  const { OrganizationConformancePackNames: names } = input;
  if (names && names.length > 0) {
    return { [member]: names.map((name) => show(knownPack(world, call, name))) };
  }
  return configPage(world, ownPacks(world, call), { ...input, list: call.operation }, member, show);
}

export const putPack = configOperation(schemas.putPackInput, (world, input, call) => {
  const { OrganizationConformancePackName: name, ExcludedAccounts } = input;
  const now = world.now();
  const old = ownPacks(world, call).find((pack) => pack.name === name);
  const pack = old ?? newPack(world, name, call.region, call.callerAccountId);
  pack.excludedAccounts = ExcludedAccounts;
  if (old) {
    pack.updatedAt = now;
    // Deployed anew with what is right by now: no account has to wait for the retry any more.
    delete pack.mended;
  } else {
    world.data.packs.push(pack);
  }
  world.touch();
  call.entry.committed = true;
  return { OrganizationConformancePackArn: packArn(world, pack) };
});

export const deletePack = configOperation(schemas.deletePackInput, (world, input, call) => {
  const pack = knownPack(world, call, input.OrganizationConformancePackName);
  if (pack.deletedAt !== undefined) {
    throw new AwsError('ResourceInUseException', 'The conformance pack is being deleted already.');
  }
  pack.deletedAt = world.now();
  world.touch();
  call.entry.committed = true;
  return {};
});

export function newPack(world: World, name: string, region: string, owner: string): PackState {
  return {
    sequence: count(world, 'sequence'),
    name,
    region,
    ownerAccountId: owner,
    suffix: newPackSuffix(world),
    excludedAccounts: [],
    createdAt: world.now(),
    settledUntil: -1,
  };
}

/** A pack belongs to the account that put it, in one Region; nobody else sees it. */
function ownPacks(world: World, call: Call): PackState[] {
  dropDeleted(world);
  return world.data.packs.filter(
    (pack) => pack.region === call.region && pack.ownerAccountId === call.callerAccountId,
  );
}

export function knownPack(world: World, call: Call, name: string): PackState {
  const pack = ownPacks(world, call).find((candidate) => candidate.name === name);
  if (!pack) {
    throw new AwsError(
      'NoSuchOrganizationConformancePackException',
      `The organization conformance pack ${name} does not exist.`,
    );
  }
  return pack;
}

function dropDeleted(world: World): void {
  const { packDeployMs } = world.data.knobs;
  const gone = (pack: PackState) => {
    if (pack.deletedAt === undefined) return false;
    const takes =
      pack.deployMs ?? world.random.duration(packDeployMs, 'undeploy', pack.name, pack.sequence);
    return pack.deletedAt + takes <= world.now();
  };
  if (!world.data.packs.some(gone)) return;
  world.data.packs = world.data.packs.filter((pack) => !gone(pack));
  world.touch();
}

function packArn(world: World, pack: PackState): string {
  const id = `${pack.name}-${pack.suffix}`;
  return `arn:aws:config:${pack.region}:${pack.ownerAccountId}:organization-conformance-pack/${id}`;
}

function packView(world: World, pack: PackState): Wire<OrganizationConformancePack> {
  return {
    OrganizationConformancePackName: pack.name,
    OrganizationConformancePackArn: packArn(world, pack),
    ConformancePackInputParameters: [],
    ExcludedAccounts: pack.excludedAccounts,
    LastUpdateTime: epochSeconds(pack.updatedAt ?? pack.createdAt),
  };
}

function statusView(world: World, pack: PackState): Wire<OrganizationConformancePackStatus> {
  const { status, error, updatedAt } = aggregateStatus(world, pack);
  const view = {
    OrganizationConformancePackName: pack.name,
    Status: status,
    LastUpdateTime: epochSeconds(updatedAt),
    ...(error && { ErrorCode: error.errorCode, ErrorMessage: error.errorMessage }),
  };
  // A status may be set that no model knows.
  return view as Wire<OrganizationConformancePackStatus>;
}
