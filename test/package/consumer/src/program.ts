import type { VendRequest, VendWorkerOptions } from 'account-vending';
import { createVendWorker, parseConfiguration, parseRequest } from 'account-vending';
import { createActivities, createAwsClients } from 'account-vending/activities';
import { TASK_QUEUE, vendWorkflowId } from 'account-vending/contract';
import { startSimulator } from 'account-vending/simulator';
import type { Simulator } from 'account-vending/simulator';

/** A program that is compiled to CommonJS: what each door gives, used. */
async function main(): Promise<void> {
  const request: VendRequest = { requestId: 'a', accountName: 'A', email: 'a@example.com' };
  const parsed = parseRequest(request);
  const configuration = parseConfiguration({});
  if (!configuration.ok) throw new Error('the defaults are refused');
  const simulator: Simulator = await startSimulator({ profile: 'test' });
  const aws = createAwsClients();
  try {
    const worker: (options: VendWorkerOptions) => Promise<unknown> = createVendWorker;
    const activities = createActivities({ aws, configuration: configuration.value });
    const said = {
      isRequest: parsed.ok,
      taskQueue: TASK_QUEUE,
      workflowId: vendWorkflowId(request.requestId),
      worker: typeof worker,
      activities: Object.keys(activities).includes('createAccount'),
      simulator: new URL(simulator.url).hostname,
    };
    console.log(JSON.stringify(said));
  } finally {
    aws.destroy();
    await simulator.close();
  }
}

void main();
