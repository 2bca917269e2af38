import {
  DescribeConfigurationRecordersCommand,
  DescribeConfigurationRecorderStatusCommand,
  DescribeOrganizationConformancePacksCommand,
} from '@aws-sdk/client-config-service';
import { EnableRegionCommand } from '@aws-sdk/client-account';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { configClient, failure, finish, startRig, type Rig } from './clients';

const MINUTE = 60_000;

let rig: Rig;
afterEach(() => rig.close());

/** Config of the account, with what AssumeRole gave. */
async function configOf(accountId: string, region?: string) {
  const { Credentials } = await rig.sts.send(
    new AssumeRoleCommand({
      RoleArn: `arn:aws:iam::${accountId}:role/OrganizationAccountAccessRole`,
      RoleSessionName: 'test',
    }),
  );
  const accessKeyId = Credentials?.AccessKeyId ?? '';
  return configClient(rig.simulator.url, { accessKeyId, ...(region && { region }) });
}

const recorders = new DescribeConfigurationRecordersCommand({});

test('Config answers any member about its own recorders, and about organization packs no member', async () => {
  rig = await startRig();
  const { AccountId = '' } = await finish(rig, 'a@example.com');
  const config = await configOf(AccountId);
  expect((await config.send(recorders)).ConfigurationRecorders).toEqual([]);
  const status = await config.send(new DescribeConfigurationRecorderStatusCommand({}));
  expect(status.ConfigurationRecordersStatus).toEqual([]);
  const packs = config.send(new DescribeOrganizationConformancePacksCommand({}));
  expect(await failure(packs)).toMatchObject({ name: 'OrganizationAccessDeniedException' });
});

test.each([
  'SubscriptionRequiredException',
  'OptInRequired',
  'AccessDeniedException',
  'UnrecognizedClientException',
])('the role works, and Config still answers %s for a while', async (notUsableError) => {
  rig = await startRig({
    knobs: { usableMs: 2 * MINUTE, serviceUsableMs: 9 * MINUTE, notUsableError },
  });
  const { AccountId = '' } = await finish(rig, 'a@example.com');
  expect(await failure(configOf(AccountId))).toMatchObject({ name: 'AccessDenied', status: 403 });
  rig.clock.advance(2 * MINUTE);
  const config = await configOf(AccountId);
  expect(await failure(config.send(recorders))).toMatchObject({ name: notUsableError });
  rig.clock.advance(7 * MINUTE);
  await config.send(recorders);
});

test('Config of an opt-in Region knows an account only when it has enabled the Region', async () => {
  rig = await startRig({ knobs: { regionOptMs: MINUTE } });
  const { AccountId = '' } = await finish(rig, 'a@example.com');
  const config = await configOf(AccountId, 'af-south-1');
  const refused = { name: 'UnrecognizedClientException' };
  expect(await failure(config.send(recorders))).toMatchObject(refused);
  await rig.account.send(new EnableRegionCommand({ AccountId, RegionName: 'af-south-1' }));
  expect(await failure(config.send(recorders))).toMatchObject(refused);
  rig.clock.advance(MINUTE);
  await config.send(recorders);
});

test('an account that was there before answers at once', async () => {
  rig = await startRig({ knobs: { serviceUsableMs: MINUTE } });
  const config = await configOf(rig.simulator.addAccount({ email: 'a@example.com' }));
  expect((await config.send(recorders)).ConfigurationRecorders).toEqual([]);
});
