import { NativeConnection } from '@temporalio/worker';
import {
  createAwsClients,
  createVendWorker,
  ensureSearchAttributes,
  loadConfiguration,
} from 'account-vending';

const address = process.env.TEMPORAL_ADDRESS ?? 'localhost:7233';
const namespace = process.env.TEMPORAL_NAMESPACE ?? 'default';
const configuration = loadConfiguration({ path: process.env.VEND_CONFIG });
const aws = createAwsClients(configuration.aws);
const connection = await NativeConnection.connect({ address });
try {
  // Without them the first step of each vend fails, and is tried again for ever.
  await ensureSearchAttributes(connection, namespace);
  const worker = await createVendWorker({ connection, namespace, configuration, aws });
  // Until SIGTERM; what is under way is waited for.
  await worker.run();
} finally {
  await connection.close();
  aws.destroy();
}
