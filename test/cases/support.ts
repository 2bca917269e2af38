import { WorkflowClient } from '@temporalio/client';
import { REQUEST_TAG, stateQuery } from '../../src/contract';
import type { VendRequest, VendResult, VendState } from '../../src/contract';
import type { JournalEntry } from '../../src/simulator';
import type { vendAccount } from '../../src/workflows';
import { aRequest, withSkippedTime } from '../support/skipped';
import type { Vending, VendHandle, VendingOptions } from '../support/vending';
import { PATIENCE_MS } from '../support/until';

/** Where the accounts of the cases shall stand. */
export const UNIT = 'Workloads/Prod';

/** As `withSkippedTime`, in an organization that has the unit of {@link asked}. */
export function withCases(): { start: (options?: VendingOptions) => Promise<Vending> } {
  const { vending } = withSkippedTime();
  return {
    start: ({ simulator, ...options } = {}) =>
      vending({
        ...options,
        simulator: {
          ...simulator,
          organization: { organizationalUnits: [UNIT], ...simulator?.organization },
        },
      }),
  };
}

/** A request with a unit and a tag of its own, so that each case can tell whether both are right. */
export function asked(requestId: string, word = '') {
  return {
    ...aRequest(requestId, word),
    organizationalUnit: UNIT,
    tags: { CostCenter: `cost-${requestId}` } as Record<string, string>,
  };
}

/**
 * What AWS's own record must say of vends that are done: one account for each request, where it was
 * asked for and with its tags; none that nobody asked for; and none was closed by us.
 */
export function expectAsAsked(
  vending: Vending,
  ...vends: (readonly [VendRequest, VendResult])[]
): void {
  const { simulator } = vending;
  const { accounts, organizationalUnits } = simulator.snapshot();
  for (const [request, result] of vends) {
    const { requestId, tags, email = '' } = request;
    const unit = organizationalUnits.find(({ path }) => path === request.organizationalUnit);
    const own = accounts
      .filter((account) => account.tags[REQUEST_TAG] === requestId)
      .map((account) => ({ ...account, email: account.email.toLowerCase() }));
    expect(own).toEqual([
      expect.objectContaining({
        id: result.accountId,
        email: email.toLowerCase(),
        parentId: unit?.id ?? simulator.rootId,
        state: 'ACTIVE',
        tags: { ...tags, [REQUEST_TAG]: requestId },
      }),
    ]);
    expect(result).toMatchObject({ requestId, organizationalUnitId: own[0]?.parentId });
  }
  const known = vends.map(([, { accountId }]) => accountId);
  const orphans = accounts.filter((one) => one.createAccountRequestId && !known.includes(one.id));
  expect(orphans).toEqual([]);
  expect(Object.values(simulator.createdAccounts()).every((count) => count === 1)).toBe(true);
  expect(vending.calls('CloseAccount')).toBe(0);
}

const OVER = new Set(['done', 'failed', 'cancelled', 'abandoned']);

/**
 * Follows vends to their end, looking all the time: whatever they wait for, they say so. Results in
 * the order of the handles; rejects as the first vend does that ends otherwise.
 * @param meanwhile told between two looks
 */
export async function allFollowed(
  vending: Vending,
  handles: readonly VendHandle[],
  meanwhile: () => Promise<void> | void = () => {},
): Promise<VendResult[]> {
  const deadline = Date.now() + PATIENCE_MS;
  const silent: VendState[] = [];
  let open = [...handles];
  for (let step = 1_000; open.length > 0; step = Math.min(step * 1.5, 900_000)) {
    if (Date.now() > deadline) throw new Error(`${open.length} vends did not end`);
    for (const handle of open) {
      // Between two runs (continue-as-new) the server answers no query for a moment.
      const state = await handle.query(stateQuery).catch(() => undefined);
      if (state && OVER.has(state.stage)) open = open.filter((other) => other !== handle);
      else if (state && !saysWhatItWaitsFor(state)) silent.push(state);
    }
    await meanwhile();
    if (open.length > 0) await vending.pass(step);
  }
  expect(silent).toEqual([]);
  // The time-skipping client would let time run while it asks: to the end of vends that wait.
  const client = new WorkflowClient({ connection: vending.client.connection });
  const results: VendResult[] = [];
  for (const { workflowId } of handles) {
    results.push(await client.result<typeof vendAccount>(workflowId));
  }
  return results;
}

/** The same for one. */
export async function followed(vending: Vending, handle: VendHandle): Promise<VendResult> {
  const [result] = await allFollowed(vending, [handle]);
  return result!;
}

export function saysWhatItWaitsFor({ waitingFor, escalation }: VendState): boolean {
  if (escalation) return escalation.message !== '' && escalation.actions.length > 0;
  return (waitingFor ?? '') !== '';
}

/** Reasons of all escalations that there were, in order. */
export async function escalationsOf(handle: VendHandle): Promise<string[]> {
  const { history } = await handle.query(stateQuery);
  return history
    .map(({ note = '' }) => /^escalated: (.*)$/.exec(note)?.[1])
    .filter((reason) => reason !== undefined);
}

/** Every CreateAccount (or CreateGovCloudAccount) that reached AWS, whatever became of it. */
export function creates(vending: Vending): JournalEntry[] {
  return vending.simulator.journal().filter(({ operation }) => /^Create.*Account$/.test(operation));
}
