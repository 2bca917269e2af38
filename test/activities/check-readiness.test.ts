import type { DescribeOrganizationCommandOutput } from '@aws-sdk/client-organizations';
import { admitted, created, refuse, withRig } from './rig';
import type { Rig, RigOptions } from './rig';

const startRig = withRig();
const MINUTE = 60_000;

async function scene(options?: RigOptions): Promise<[Rig, string]> {
  const rig = await startRig(options);
  return [rig, await created(rig, admitted('vend', { roleName: 'Admin' }))];
}

function check(rig: Rig, accountId: string, roleName = 'Admin') {
  const { organizationId } = rig.simulator;
  return rig.do.checkReadiness({ organizationId, accountId, roleName, region: 'eu-central-1' });
}

const refused = (operation: string, name: string) => ({
  ok: false,
  error: expect.objectContaining({ operation, name }),
});

test('ready when the role can be assumed and AWS Config answers with its credentials', async () => {
  const [rig, accountId] = await scene({
    simulator: { knobs: { usableMs: 5 * MINUTE, serviceUsableMs: 9 * MINUTE } },
  });
  expect(await check(rig, accountId)).toEqual(refused('AssumeRole', 'AccessDenied'));
  rig.clock.advance(5 * MINUTE);
  expect(await check(rig, accountId)).toEqual(
    refused('DescribeConfigurationRecorders', 'SubscriptionRequiredException'),
  );
  rig.clock.advance(5 * MINUTE);
  expect(await check(rig, accountId)).toEqual({ ok: true, value: 'ready' });
  const last = rig.simulator.journal().at(-1);
  expect(last).toMatchObject({ callerAccountId: accountId, region: 'eu-central-1' });
});

test('another role than the one of the account is denied', async () => {
  const [rig, accountId] = await scene();
  expect(await check(rig, accountId, 'Other')).toEqual(refused('AssumeRole', 'AccessDenied'));
});

test("the worker's own credentials are told from those that a new account does not know yet", async () => {
  const [rig, accountId] = await scene();
  rig.simulator.inject(refuse('AssumeRole', 'InvalidClientTokenId', { times: 2 }));
  expect(await check(rig, accountId)).toEqual(refused('AssumeRole', 'InvalidClientTokenId'));
  rig.simulator.inject(refuse('GetCallerIdentity', 'InvalidClientTokenId'));
  expect(await check(rig, accountId)).toEqual(refused('GetCallerIdentity', 'InvalidClientTokenId'));
});

test('credentials are in neither answer nor log', async () => {
  const [rig, accountId] = await scene();
  const said = `${JSON.stringify(await check(rig, accountId))} ${rig.logged()}`;
  expect(said).not.toMatch(/ASIA|AccessKey|sessionToken|Credentials/);
});

test("the role's ARN is of the partition that the organization is in", async () => {
  const asked: unknown[] = [];
  const [rig, accountId] = await scene({
    wrap: (aws) => {
      aws.organizations.middlewareStack.add(
        (next) => async (args) => {
          const result = await next(args);
          const { Organization } = result.output as DescribeOrganizationCommandOutput;
          if (Organization) Organization.Arn = Organization.Arn?.replace(':aws:', ':aws-eusc:');
          return result;
        },
        { step: 'initialize' },
      );
      aws.writersFor('vend').sts.middlewareStack.add(
        (next) => (args) => {
          asked.push(args.input);
          return next(args);
        },
        { step: 'initialize' },
      );
      return aws;
    },
  });
  await check(rig, accountId);
  expect(asked).toEqual([
    expect.objectContaining({ RoleArn: `arn:aws-eusc:iam::${accountId}:role/Admin` }),
  ]);
});
