/**
 * What one writes first: Temporal retries what fails, and a fixed pause between looks. No gate, no
 * look for lost answers.
 */
import { ApplicationFailure, proxyActivities, sleep } from '@temporalio/workflow';

const { createAccount, describeCreateAccountStatus, moveAccount } = proxyActivities({
  startToCloseTimeout: '1m',
});

export async function naiveVend(request) {
  const id = await createAccount(request);
  for (;;) {
    await sleep('10s');
    const { state, accountId, failureReason } = await describeCreateAccountStatus(id);
    if (state === 'FAILED') throw ApplicationFailure.nonRetryable(failureReason);
    if (state !== 'SUCCEEDED') continue;
    if (request.unit) await moveAccount(accountId, request.unit);
    return accountId;
  }
}
