import type { TokenBuckets } from '../organizations/buckets';
import type { Call } from '../wire/call';
import type { Operation } from '../wire/operation';
import type { World } from '../world';
import { deleteAlternateContact, getAlternateContact, putAlternateContact } from './contacts';
import { disableRegion, enableRegion, getRegionOptStatus, listRegions } from './regions';

const OPERATIONS: Record<string, Operation> = {
  PutAlternateContact: putAlternateContact,
  GetAlternateContact: getAlternateContact,
  DeleteAlternateContact: deleteAlternateContact,
  EnableRegion: enableRegion,
  DisableRegion: disableRegion,
  GetRegionOptStatus: getRegionOptStatus,
  ListRegions: listRegions,
};

export function findAccountOperation(name: string): Operation | undefined {
  return Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
}

export function serveAccount(
  world: World,
  buckets: TokenBuckets,
  serve: Operation,
  call: Call,
): Record<string, unknown> {
  buckets.take(world, call.operation, call.callerAccountId);
  return serve(world, call);
}
