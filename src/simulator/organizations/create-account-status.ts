import type { CreateAccountStatus } from '@aws-sdk/client-organizations';
import { epochSeconds, type Wire } from '../wire/call';
import { AwsError } from '../wire/errors';
import { operation } from '../wire/operation';
import { count, type CreateRequestState, type World } from '../world';
import { listPage } from './list-page';
import * as schemas from './schemas';
import { endCreation } from './settle';
import { isStaleRead } from './stale-reads';

/** A flapping request goes back to IN_PROGRESS at the second of this many looks after its end. */
const FLAP_LOOKS = 3;

export const describeCreateAccountStatus = operation(
  schemas.createStatusInput,
  (world, { CreateAccountRequestId: id }) => {
    const request = world.data.requests.find((candidate) => candidate.id === id);
    if (!request || request.visibleAt > world.now()) {
      throw new AwsError(
        'CreateAccountStatusNotFoundException',
        "We can't find a create account request with the CreateAccountRequestId that you specified.",
      );
    }
    look(world, request);
    return { CreateAccountStatus: readStatus(world, request, isStaleRead(world)) };
  },
);

export const listCreateAccountStatus = operation(
  schemas.listCreateStatusInput,
  (world, input, call) => {
    const wanted = (state: string) => !input.States || input.States.some((one) => one === state);
    const visible = world.data.requests.filter((request) => isListed(world, request));
    if (input.NextToken === undefined && wanted('IN_PROGRESS')) {
      for (const request of visible) look(world, request);
    }
    const list = `${call.operation}?${[...(input.States ?? [])].sort().join()}`;
    const stale = isStaleRead(world);
    const found = visible.filter((request) => wanted(shownState(world, request, stale)));
    return listPage(world, found, { ...input, list }, 'CreateAccountStatuses', (request) =>
      statusOf(world, request, shownState(world, request, stale)),
    );
  },
);

function isListed(world: World, request: CreateRequestState): boolean {
  const { requestRetentionMs } = world.data.knobs;
  const oldest = requestRetentionMs === null ? -Infinity : world.now() - requestRetentionMs;
  return request.visibleAt <= world.now() && request.requestedAt >= oldest;
}

/** Where looks and not time decide, the last look is the one that sees the end. */
function look(world: World, request: CreateRequestState): void {
  if (request.state !== 'IN_PROGRESS' || request.looksLeft === undefined) return;
  request.looksLeft -= 1;
  world.touch();
  if (request.looksLeft <= 0) endCreation(world, request, world.now());
}

function readStatus(
  world: World,
  request: CreateRequestState,
  stale: boolean,
): Wire<CreateAccountStatus> {
  let shown = shownState(world, request, stale);
  if (request.flaps && request.state === 'SUCCEEDED' && request.flapLooks < FLAP_LOOKS) {
    request.flapLooks += 1;
    if (request.flapLooks === 2) shown = 'IN_PROGRESS';
  }
  return statusOf(world, request, shown);
}

function shownState(
  world: World,
  request: CreateRequestState,
  stale: boolean,
): CreateRequestState['state'] {
  const fresh = (request.completedAt ?? -Infinity) + world.data.knobs.staleReadMs > world.now();
  return stale && fresh ? 'IN_PROGRESS' : request.state;
}

function statusOf(
  world: World,
  request: CreateRequestState,
  shown: CreateRequestState['state'],
): Wire<CreateAccountStatus> {
  const status: Wire<CreateAccountStatus> = {
    Id: request.id,
    AccountName: request.accountName,
    State: shown,
    RequestedTimestamp: epochSeconds(request.requestedAt),
  };
  if (shown === 'IN_PROGRESS') return status;
  if (request.completedAt !== undefined) {
    status.CompletedTimestamp = epochSeconds(request.completedAt);
  }
  if (request.accountId) status.AccountId = request.accountId;
  const govCloudId = govCloudAccountId(world, request);
  if (govCloudId) status.GovCloudAccountId = govCloudId;
  // AWS may send a reason that no model knows; so may we.
  if (request.failureReason) Object.assign(status, { FailureReason: request.failureReason });
  return status;
}

/** By knob it comes later than SUCCEEDED: after a time, and after some looks. */
function govCloudAccountId(world: World, request: CreateRequestState): string | undefined {
  if (!request.govCloudAccountId) return undefined;
  const since = (request.completedAt ?? 0) + world.data.knobs.govCloudIdLagMs;
  if (since > world.now()) return undefined;
  if (request.govCloudIdLooksLeft > 0) {
    request.govCloudIdLooksLeft -= 1;
    world.touch();
    return undefined;
  }
  return request.govCloudAccountId;
}

/** The answer of CreateAccount itself; its time was seen to differ a little from the later ones. */
export function firstStatus(world: World, request: CreateRequestState): Wire<CreateAccountStatus> {
  if (world.data.knobs.firstAnswer === 'minimal') return { Id: request.id, State: request.state };
  const { timestampJitterMs } = world.data.knobs;
  const jitter = world.random.stream('jitter', count(world, 'jitter'))() * timestampJitterMs;
  return {
    ...statusOf(world, request, request.state),
    RequestedTimestamp: epochSeconds(request.requestedAt - Math.round(jitter)),
  };
}
