import { DescribeOrganizationConformancePacksCommand } from '@aws-sdk/client-config-service';
import {
  DescribeOrganizationCommand,
  MoveAccountCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { PublishCommand } from '@aws-sdk/client-sns';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { createAwsClients } from '../../src/aws/clients';
import type { AwsClients } from '../../src/aws/clients';
import { observing } from '../../src/aws/observe';
import type { ObservedCall } from '../../src/aws/observe';
import { startSimulator } from '../../src/simulator';
import type { FaultRule, Simulator } from '../../src/simulator';

const ROLE = 'arn:aws:iam::111122223333:role/Vending';

/** As the SDK's own chain fails. */
class CredentialsProviderError extends Error {
  override name = 'CredentialsProviderError';
}

let simulator: Simulator;
let calls: ObservedCall[];
let aws: AwsClients;

beforeAll(async () => {
  simulator = await startSimulator({
    profile: 'test',
    organization: { managementAccountId: '111122223333' },
  });
});
afterAll(async () => simulator.close());
beforeEach(() => {
  calls = [];
  const settings = { endpoint: simulator.url };
  aws = createAwsClients(settings, { requestTimeoutMs: 300 }, (call) => calls.push(call));
});
afterEach(() => aws.destroy());

const told = () =>
  calls.map(({ service, operation, outcome, error }) => ({
    service,
    operation,
    outcome,
    ...(error === undefined ? {} : { error }),
  }));
const organization = {
  service: 'organizations',
  operation: 'DescribeOrganization',
} as const;

test.each<[string, FaultRule, object]>([
  [
    'throttled',
    { kind: 'error', error: { name: 'TooManyRequestsException' } },
    { outcome: 'throttled', error: 'TooManyRequestsException' },
  ],
  ['lost', { kind: 'reset' }, { outcome: 'unknown' }],
])('each attempt of the SDK is told, also the one that was %s', async (_, fault, how) => {
  simulator.inject({ operation: 'DescribeOrganization', ...fault });
  await aws.organizations.send(new DescribeOrganizationCommand({}));
  expect(told()).toEqual([
    expect.objectContaining({ ...organization, ...how }),
    { ...organization, outcome: 'success' },
  ]);
});

test('with its Region, and what AWS answered: its id, and the status', async () => {
  simulator.inject({ operation: 'DescribeOrganization', kind: 'reset' });
  await aws.organizations.send(new DescribeOrganizationCommand({}));
  const region = 'us-east-1';
  const [lost, answered] = calls;
  expect(lost).toMatchObject({ region });
  expect(Object.keys(lost ?? {})).not.toEqual(expect.arrayContaining(['httpStatus']));
  expect(answered).toMatchObject({
    region,
    httpStatus: 200,
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  simulator.inject({
    operation: 'DescribeOrganization',
    kind: 'error',
    error: { name: 'AccessDeniedException' },
  });
  const refused = aws.organizations.send(new DescribeOrganizationCommand({}));
  await expect(refused).rejects.toThrow('Injected');
  expect(calls.at(-1)).toMatchObject({ httpStatus: 400 });
  const packs = new DescribeOrganizationConformancePacksCommand({});
  await aws.config('eu-west-1').send(packs);
  expect(calls.at(-1)).toMatchObject({ region: 'eu-west-1' });
});

test('a refusal is told by its reason, where AWS gives one', async () => {
  const error = { name: 'ConstraintViolationException', reason: 'ACCOUNT_NUMBER_LIMIT_EXCEEDED' };
  simulator.inject({ operation: 'MoveAccount', kind: 'error', error });
  const move = {
    AccountId: '111122223333',
    SourceParentId: 'r-abcd',
    DestinationParentId: 'r-abcd',
  };
  const sent = aws.organizationsWrite.send(new MoveAccountCommand(move));
  await expect(sent).rejects.toThrow('Injected');
  expect(told()).toEqual([
    {
      service: 'organizations',
      operation: 'MoveAccount',
      outcome: 'rejected',
      error: 'ACCOUNT_NUMBER_LIMIT_EXCEEDED',
    },
  ]);
});

test('a call that lacks credentials is told once, as not sent', async () => {
  const without = { credentials: () => Promise.reject(new CredentialsProviderError('none')) };
  const client = new OrganizationsClient({ region: 'us-east-1', ...without });
  client.middlewareStack.use(observing((call) => calls.push(call)));
  await expect(client.send(new DescribeOrganizationCommand({}))).rejects.toThrow('none');
  expect(told()).toEqual([
    { ...organization, outcome: 'not-sent', error: 'CredentialsProviderError' },
  ]);
});

test('a role that is refused is told of the call that needed it too, which was not sent', async () => {
  const error = { name: 'AccessDenied' };
  simulator.inject({ operation: 'AssumeRole', kind: 'error', error });
  const settings = { endpoint: simulator.url, managementRoleArn: ROLE };
  const assuming = createAwsClients(settings, undefined, (call) => calls.push(call));
  const sent = assuming.organizations.send(new DescribeOrganizationCommand({}));
  await expect(sent).rejects.toThrow('Injected');
  expect(told()).toEqual([
    { service: 'sts', operation: 'AssumeRole', outcome: 'rejected', error: 'AccessDenied' },
    { ...organization, outcome: 'not-sent', error: 'AccessDenied' },
  ]);
  // The next call is another one.
  calls = [];
  await assuming.organizations.send(new DescribeOrganizationCommand({}));
  assuming.destroy();
  expect(told().at(-1)).toEqual({ ...organization, outcome: 'success' });
});

test('what gets no answer in time is told with the time that it took', async () => {
  simulator.inject({ operation: 'GetCallerIdentity', kind: 'hang', times: 'always' });
  await expect(aws.sts.send(new GetCallerIdentityCommand({}))).rejects.toThrow(
    /timeout|timed out/i,
  );
  simulator.clearFaults();
  expect(told()[0]).toMatchObject({ service: 'sts', outcome: 'unknown', error: 'TimeoutError' });
  expect(calls[0]?.seconds).toBeGreaterThan(0.25);
  expect(calls[0]?.seconds).toBeLessThan(5);
});

test('every client is watched: of a vend, of a Region, of an account; and the role that is assumed', async () => {
  const assuming = createAwsClients(
    { endpoint: simulator.url, managementRoleArn: ROLE },
    undefined,
    (call) => calls.push(call),
  );
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c' };
  const packs = new DescribeOrganizationConformancePacksCommand({});
  const whoami = new GetCallerIdentityCommand({});
  await assuming.writersFor('team-a').sts.send(whoami);
  await assuming.config('eu-west-1').send(packs);
  await assuming
    .configOf('eu-west-1', credentials)
    .send(packs)
    .catch(() => undefined);
  await assuming
    .sns('eu-west-1')
    .send(new PublishCommand({ Message: 'x', TopicArn: 'y' }))
    .catch(() => undefined);
  assuming.destroy();
  const counts = new Map<string, number>();
  for (const { service, operation } of calls) {
    const key = `${service} ${operation}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  expect(Object.fromEntries(counts)).toMatchObject({
    // One for the vend, and one for all else.
    'sts AssumeRole': 2,
    'sts GetCallerIdentity': 1,
    'configservice DescribeOrganizationConformancePacks': 2,
    'sns Publish': expect.any(Number),
  });
});
