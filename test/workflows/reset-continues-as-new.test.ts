import { stateQuery } from '../../src/contract';
import { reset, resetPoints } from '../support/reset';
import { shownAfter } from '../support/shown-after';
import { aRequest } from '../support/skipped';
import { startingAgain } from '../support/starting-again';
import { continuingAfter } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import type { Vending } from '../support/vending';

let dev: DevServer;
let vending: Vending;

const { present, untilIs, forgetPlace } = startingAgain(continuingAfter(60));
beforeEach(() => {
  ({ dev, vending } = present());
});

test('what the run before the reset had sent last, and AWS hides, is not sent anew by a later start', async () => {
  const handle = await vending.begin(aRequest('order', 'fail-invalid-email-1x'));
  await vending.escalated(handle, 'INVALID_EMAIL');
  vending.simulator.set(shownAfter(1_000 * 60_000));
  await vending.resolve(handle, { action: 'amend', changes: { email: 'order2@example.com' } });
  await vending.until(handle, ({ createAccountRequestIds: ids }) => ids.length === 2);
  const { workflowId, firstExecutionRunId: runId } = handle;
  const [point] = await resetPoints(dev, workflowId, runId, 'createAccount');
  if (!point) throw new Error('it was sent');
  await reset(dev, workflowId, runId, point, { signals: false });
  const renewed = dev.client.workflow.getHandle(workflowId);
  // It has forgotten the amendment, and asks again; then it finds what was sent.
  await vending.escalated(renewed, 'INVALID_EMAIL');
  await vending.resolve(renewed, { action: 'retry' });
  await vending.escalated(renewed, 'OUTCOME_UNCLEAR');
  const { createAccountRequestIds } = await renewed.query(stateQuery);
  expect(createAccountRequestIds).toHaveLength(2);
  expect((await renewed.describe()).runId).not.toBe(runId);
  await renewed.terminate();
  await untilIs('order', 'Terminated', 2);
  await forgetPlace();

  const again = await vending.begin({ ...aRequest('order'), email: 'order3@example.com' });
  await vending.escalated(again, 'OUTCOME_UNCLEAR');
  expect(vending.calls('CreateAccount')).toBe(2);
});
