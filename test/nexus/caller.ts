import { CancelledFailure, NexusOperationFailure } from '@temporalio/common';
import {
  createNexusServiceClient,
  isCancellation,
  setHandler,
  defineQuery,
} from '@temporalio/workflow';
import type { NexusOperationCancellationType } from '@temporalio/workflow';
// As built: what a caller in another namespace bundles, and nothing else of ours.
import { accountVending, vendFailureOf } from '../../lib/nexus';
import type { ResolveInput, StateInput } from '../../lib/nexus';
import type { Decision, VendRequest, VendResult, VendState } from '../../lib/contract';

/** How a call ended, as the caller's code can tell. */
export interface Outcome<T> {
  value?: T;
  failure?: { type: string; message: string; details: unknown[] };
  cancelled?: true;
  /** The classes of what was thrown, outermost first; an ApplicationFailure with its type. */
  chain?: string[];
}

export interface Call<I> {
  endpoint: string;
  input: I;
  cancellationType?: NexusOperationCancellationType;
  timeout?: string;
}

const started = defineQuery<boolean>('started');

/** A team's workflow: vends an account, and tells how that ended. */
export async function onboard(call: Call<VendRequest>): Promise<Outcome<VendResult>> {
  let isStarted = false;
  setHandler(started, () => isStarted);
  return outcomeOf(call, async () => {
    const handle = await clientOf(call).startOperation('vendAccount', call.input, optionsOf(call));
    isStarted = true;
    return handle.result();
  });
}

export async function askState(call: Call<StateInput>): Promise<Outcome<VendState>> {
  return outcomeOf(call, () =>
    clientOf(call).executeOperation('state', call.input, optionsOf(call)),
  );
}

export async function answer(call: Call<ResolveInput>): Promise<Outcome<Decision>> {
  return outcomeOf(call, () =>
    clientOf(call).executeOperation('resolve', call.input, optionsOf(call)),
  );
}

function clientOf({ endpoint }: Call<unknown>) {
  return createNexusServiceClient({ endpoint, service: accountVending });
}

function optionsOf({ cancellationType, timeout }: Call<unknown>) {
  return {
    summary: 'an account for the team',
    scheduleToCloseTimeout: (timeout ?? '2m') as '2m',
    ...(cancellationType ? { cancellationType } : {}),
  };
}

async function outcomeOf<T>(_: Call<unknown>, work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    const chain = chainOf(error);
    if (isCancellation(error)) return { cancelled: true, chain };
    if (error instanceof NexusOperationFailure && error.cause instanceof CancelledFailure) {
      return { cancelled: true, chain };
    }
    const failure = vendFailureOf(error);
    if (!failure) return { chain };
    const { type, message, details } = failure;
    return { failure: { type: type ?? '', message, details: details ?? [] }, chain };
  }
}

function chainOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const type = (error as { type?: unknown }).type;
  return [typeof type === 'string' ? `${error.name}:${type}` : error.name, ...chainOf(error.cause)];
}
