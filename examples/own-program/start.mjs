import {
  Client,
  Connection,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
} from '@temporalio/client';
import { TASK_QUEUE, WorkflowType, vendStartOptions, vendWorkflowId } from 'account-vending';

const request = {
  requestId: 'team-a-prod',
  accountName: 'Team A Production',
  email: 'aws+team-a-prod@example.com',
};
const address = process.env.TEMPORAL_ADDRESS ?? 'localhost:7233';
const namespace = process.env.TEMPORAL_NAMESPACE ?? 'default';
const connection = await Connection.connect({ address });
const { workflow } = new Client({ connection, namespace });
try {
  // Under its own id, and once more only after a bad end: two starts at the same moment are one vend.
  await workflow.start(WorkflowType.vendAccount, {
    ...vendStartOptions(request, 'portal'),
    taskQueue: TASK_QUEUE,
  });
} catch (error) {
  if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
}
try {
  // It may take minutes, or wait for a person for days: whoever asks again gets the same answer.
  const { accountId } = await workflow.getHandle(vendWorkflowId(request.requestId)).result();
  console.log(`account ${accountId} is ready`);
} catch (error) {
  if (!(error instanceof WorkflowFailedError)) throw error;
  // VendAbandoned, RequestConflict…: the type says which, and its details hold the last state.
  console.log(`there is no account: ${error.cause?.type ?? error.cause?.name}`);
} finally {
  await connection.close();
}
