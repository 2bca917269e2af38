import { createNexusServiceClient } from '@temporalio/workflow';
import { VendFailure, type VendRequest, type VendState } from 'account-vending/contract';
import { accountVending, vendFailureOf } from 'account-vending/nexus';

/** A workflow of a team, in the team's own namespace. The vends live in another one. */
export async function onboardTeam(request: VendRequest): Promise<string> {
  const vending = createNexusServiceClient({
    endpoint: 'account-vending',
    service: accountVending,
  });
  try {
    const account = await vending.executeOperation('vendAccount', request, {
      summary: `account for request ${request.requestId}`,
      // Days: a person may have to answer. When it is over the vend goes on; call again to join it.
      scheduleToCloseTimeout: '30 days',
    });
    return `account ${account.accountId} is ready`;
  } catch (error) {
    const failure = vendFailureOf(error);
    // Cancelled, out of time, or a failure that only a person can mend: this workflow ends with it.
    if (failure?.type !== VendFailure.VendAbandoned) throw error;
    const [state] = failure.details as [VendState];
    return `given up after ${state.attempts} attempts: ${state.decisions.at(-1)?.reason}`;
  }
}
