import {
  CreateOrganizationCommand,
  CreateOrganizationalUnitCommand,
  ListParentsCommand,
  ListRootsCommand,
  ListTagsForResourceCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { createAwsClients } from '../../src/aws/clients';
import type { vendAccount } from '../../src/workflows';
import { createVendWorker } from '../../src/runtime/create-worker';
import { startMoto } from '../support/moto';
import type { Moto } from '../support/moto';
import { startDevServer, testBundle } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { configurationOf } from '../support/vending';

let dev: DevServer;
let moto: Moto;

beforeAll(async () => {
  [dev, moto] = await Promise.all([startDevServer({ ui: false }), startMoto()]);
  process.env['AWS_ENDPOINT_URL'] = moto.url;
});
afterAll(async () => {
  await dev?.close();
  await moto?.close();
});

test('vendAccount runs end to end against an AWS that somebody else wrote', async () => {
  const organizations = new OrganizationsClient({});
  await organizations.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
  const { Roots } = await organizations.send(new ListRootsCommand({}));
  const { OrganizationalUnit } = await organizations.send(
    new CreateOrganizationalUnitCommand({ ParentId: Roots?.[0]?.Id, Name: 'Workloads' }),
  );
  const aws = createAwsClients();
  const configuration = configurationOf({});
  const worker = await createVendWorker({
    connection: dev.nativeConnection,
    namespace: dev.namespace,
    aws,
    configuration,
    workflowBundlePath: testBundle().codePath,
  });
  const result = await worker.runUntil(
    dev.client.workflow.execute<typeof vendAccount>('vendAccount', {
      taskQueue: configuration.taskQueue,
      workflowId: 'vend-moto',
      args: [
        {
          requestId: 'moto',
          accountName: 'Moto',
          email: 'moto@example.com',
          organizationalUnit: 'Workloads',
          tags: { CostCenter: '42' },
          // moto shows the rows of the calling account alone, whatever is asked for.
          conformance: false,
        },
      ],
    }),
  );
  expect(result).toMatchObject({
    requestId: 'moto',
    accountId: expect.stringMatching(/^\d{12}$/),
    organizationalUnitId: OrganizationalUnit?.Id,
    adopted: false,
  });
  const { Parents } = await organizations.send(
    new ListParentsCommand({ ChildId: result.accountId }),
  );
  expect(Parents).toEqual([{ Id: OrganizationalUnit?.Id, Type: 'ORGANIZATIONAL_UNIT' }]);
  const { Tags } = await organizations.send(
    new ListTagsForResourceCommand({ ResourceId: result.accountId }),
  );
  expect(Tags).toEqual(
    expect.arrayContaining([
      { Key: 'CostCenter', Value: '42' },
      { Key: 'account-vending:request-id', Value: 'moto' },
    ]),
  );
  aws.destroy();
  organizations.destroy();
});
