import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { readRun } from '../../src/activities/read-run';
import { withDevServer } from '../support/temporal';

test('a run that Temporal has forgotten since it was listed tells nothing, and holds nobody up', async () => {
  await withDevServer(async ({ client }) => {
    const environment = new MockActivityEnvironment({}, { client });
    const gone = { workflowId: 'vend-gone', runId: randomUUID(), status: 'COMPLETED' };
    expect(await environment.run(readRun, gone)).toEqual({
      requests: [],
      createAccountRequestIds: [],
      ended: [],
    });
  });
});
