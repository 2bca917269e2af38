import { vendWorkflowId } from '../../src/contract';
import { aRequest } from '../support/skipped';
import { withDevServer } from '../support/temporal';
import { until } from '../support/until';
import { Vending } from '../support/vending';

const CROWD = 200;

test('of a crowd that was asked for while no worker ran, the first gets its account before all have been looked at', async () => {
  await withDevServer(async (temporal) => {
    const taskQueue = 'crowd';
    for (let n = 0; n < CROWD; n += 1) {
      const request = aRequest(`crowd-${n}`);
      await temporal.client.workflow.start('vendAccount', {
        taskQueue,
        workflowId: vendWorkflowId(request.requestId),
        args: [request],
      });
    }
    const vending = await Vending.start(temporal, {
      skipped: false,
      configuration: { taskQueue },
      simulator: { knobs: { creationMs: 50 } },
    });
    try {
      await until(
        () => vending.calls('CreateAccount'),
        (sent) => sent > 0,
      );
      // They ask the gate; so many had asked when it granted the first place.
      const { events } = await vending.gate.fetchHistory();
      const granted = (events ?? []).findIndex(
        (event) =>
          event.signalExternalWorkflowExecutionInitiatedEventAttributes?.signalName === 'grant',
      );
      const asks = (events ?? [])
        .slice(0, granted)
        .filter((event) => event.workflowExecutionSignaledEventAttributes?.signalName === 'ask');
      expect(granted).toBeGreaterThan(0);
      expect(asks.length).toBeLessThan(CROWD / 2);
      const { priority } = await vending.gate.describe();
      expect(priority).toMatchObject({ priorityKey: 1 });
    } finally {
      await vending.close();
    }
  });
});
