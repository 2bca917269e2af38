import { pick } from './random';
import type { World } from './world';
import { count } from './world';

const DIGITS = '0123456789';
const HEX = '0123456789abcdef';
const LOWER = 'abcdefghijklmnopqrstuvwxyz0123456789';
const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export const ACCOUNT_ID = /^\d{12}$/;
export const ORGANIZATIONAL_UNIT_ID = /^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$/;
/** The published patterns read `^a|b$`; here they are anchored at both ends. */
export const PARENT_ID = /^(?:r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/;
export const CHILD_ID = /^(?:\d{12}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})$/;
export const CREATE_ACCOUNT_REQUEST_ID = /^car-[a-z0-9]{8,32}$/;
export const TAGGABLE_ID =
  /^(?:\d{12}|r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}|p-[0-9a-zA-Z_]{8,128})$/;

export function newAccountId(world: World): string {
  const taken = new Set(
    world.data.accounts.flatMap((account) => [account.id, account.govCloudAccountId]),
  );
  for (;;) {
    const id = pick(world.random.stream('account-id', count(world, 'account-id')), DIGITS, 12);
    if (!taken.has(id)) return id;
  }
}

/** AWS makes them of version-1 UUIDs: the 13th digit is a 1. */
export function newCreateAccountRequestId(world: World): string {
  const digits = pick(world.random.stream('car', count(world, 'car')), HEX, 32);
  return `car-${digits.slice(0, 12)}1${digits.slice(13)}`;
}

export function newOrganizationalUnitId(world: World): string {
  const root = world.data.organization.rootId.slice('r-'.length);
  return `ou-${root}-${pick(world.random.stream('ou', count(world, 'ou')), LOWER, 8)}`;
}

export function newAwsRequestId(world: World): string {
  const digits = pick(world.random.stream('request-id', count(world, 'request-id')), HEX, 32);
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Form seen in moto only; nobody should parse it. */
export function newPackSuffix(world: World): string {
  return pick(world.random.stream('pack', count(world, 'pack')), LOWER, 8);
}

/** Temporary credentials name their account, so that they need not be remembered. */
export function newAccessKeyId(world: World, accountId: string): string {
  return `ASIA${accountId}${pick(world.random.stream('key', count(world, 'key')), UPPER, 4)}`;
}

const ACCOUNT_IN_ACCESS_KEY = /^(?:ASIA(\d{12})[A-Z2-7]{4}|(\d{12}))$/;

/** Whose access key it is: one of ours, an account id itself, or anything else: the management account's. */
export function accountOfAccessKey(world: World, accessKeyId: string): string {
  const found = ACCOUNT_IN_ACCESS_KEY.exec(accessKeyId);
  return found?.[1] ?? found?.[2] ?? world.data.organization.managementAccountId;
}

export function organizationId(random: World['random']): string {
  return `o-${pick(random.stream('organization'), LOWER, 10)}`;
}

export function rootId(random: World['random']): string {
  return `r-${pick(random.stream('root'), LOWER, 4)}`;
}

export function managementAccountId(random: World['random']): string {
  return pick(random.stream('management'), DIGITS, 12);
}
