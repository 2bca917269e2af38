import {
  AccountState,
  CreateAccountFailureReason,
  ListAccountsCommand,
} from '@aws-sdk/client-organizations';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import {
  create,
  creation,
  failure,
  finish,
  organizationsClient,
  startRig,
  stsClient,
  type Rig,
} from './clients';

let lines: string[];
let rig: Rig;
beforeEach(async () => {
  lines = [];
  rig = await startRig({ knobs: { emptyPageRate: 0 }, log: (line) => lines.push(line) });
});
afterEach(() => rig.close());

const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=AKIATEST/20261122/us-east-1/organizations/aws4_request, ' +
  'SignedHeaders=host, Signature=00';

function post(target: string, body: unknown, headers: Record<string, string> = {}) {
  return fetch(rig.simulator.url, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-amz-json-1.1',
      'X-Amz-Target': target,
      Authorization: AUTHORIZATION,
      ...headers,
    },
    body: JSON.stringify(body),
  });
}

const CREATE = 'AWSOrganizationsV20161128.CreateAccount';

describe('AWS JSON 1.1', () => {
  it('writes times as seconds with a fraction, and a true Date', async () => {
    rig.clock.advance(10 * 365 * 24 * 3_600_000 + 571);
    const answer = await post(CREATE, { Email: 'a@example.com', AccountName: 'Test' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/x-amz-json-1.1');
    expect(answer.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
    const off = Date.parse(answer.headers.get('date') ?? '') - Date.now();
    expect(Math.abs(off)).toBeLessThan(5000);
    const body = (await answer.json()) as { CreateAccountStatus: { RequestedTimestamp: number } };
    expect(body.CreateAccountStatus.RequestedTimestamp).toBe(rig.clock.now() / 1000);
  });

  it('puts errors as AWS does, in each of the forms', async () => {
    const send = async () => {
      const answer = await post(CREATE, {});
      return { status: answer.status, body: await answer.json() };
    };
    const Reason = 'INPUT_REQUIRED';
    const text = expect.any(String);
    expect(await send()).toEqual({
      status: 400,
      body: { __type: 'InvalidInputException', Message: text, Reason },
    });
    rig.simulator.set({ errorTypes: 'namespaced', errorMessageKey: 'message' });
    expect(await send()).toEqual({
      status: 400,
      body: {
        __type: 'com.amazonaws.organizations.v20161128#InvalidInputException',
        message: text,
        Reason,
      },
    });
    expect(await failure(rig.organizations.send(creation('x')))).toMatchObject({
      name: 'InvalidInputException',
      reason: 'MIN_LENGTH_EXCEEDED',
    });
  });

  it("has the documented HTTP codes, or the model's by knob", async () => {
    rig.simulator.set({ rateFactor: 1, errorCodes: 'model' });
    for (const n of [1, 2, 3]) await create(rig, `a${n}@example.com`);
    expect(await failure(create(rig, 'a4@example.com'))).toMatchObject({ status: 429 });
    rig.simulator.set({ errorCodes: 'documented' });
    expect(await failure(create(rig, 'a4@example.com'))).toMatchObject({ status: 400 });
  });

  it('refuses what is not signed, or signed for another service', async () => {
    const unsigned = await post(CREATE, {}, { Authorization: '' });
    expect(await unsigned.json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' });
    const other = await post('StarlingDoveService.DescribeOrganizationConformancePacks', {});
    expect(await other.json()).toMatchObject({ __type: 'InvalidSignatureException' });
  });

  it.each(['AWSOrganizationsV20161128.LeaveOrganization', 'Nonsense.Operation', 'toString'])(
    'refuses %s loudly',
    async (target) => {
      const answer = await post(target, {});
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ __type: 'UnknownOperationException' });
      expect(lines.join('\n')).toContain('UNKNOWN OPERATION');
      expect(rig.simulator.journal()).toMatchObject([{ error: 'UnknownOperationException' }]);
    },
  );

  it('logs neither addresses nor names', async () => {
    await finish(rig, 'somebody@example.com', 'r');
    expect(lines.join('\n')).toMatch(/organizations CreateAccount us-east-1 200 car-/);
    expect(lines.join('\n')).not.toMatch(/somebody|Test/);
  });

  it('knows more reasons and states than the SDK has types for', () => {
    // When AWS adds one of these to its model, docs/simulator.md and the e-mail table follow.
    expect(Object.values(CreateAccountFailureReason)).toHaveLength(15);
    expect(Object.values(AccountState)).toHaveLength(5);
  });
});

describe('the journal', () => {
  it('has a line for each request', async () => {
    const id = await create(rig, 'a@example.com', 'r');
    await failure(create(rig, 'bad'));
    expect(rig.simulator.journal()).toEqual([
      {
        sequence: 1,
        time: rig.clock.now(),
        service: 'organizations',
        operation: 'CreateAccount',
        region: 'us-east-1',
        callerAccountId: rig.simulator.managementAccountId,
        status: 200,
        invocationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        committed: true,
        requestTag: 'r',
        createAccountRequestId: id,
      },
      expect.objectContaining({
        sequence: 2,
        status: 400,
        error: 'InvalidInputException',
        committed: false,
      }),
    ]);
  });
});

describe('STS', () => {
  const role = (account: string, name: string) =>
    new AssumeRoleCommand({
      RoleArn: `arn:aws:iam::${account}:role/${name}`,
      RoleSessionName: 'test',
    });

  it('says who calls', async () => {
    const identity = await rig.sts.send(new GetCallerIdentityCommand({}));
    expect(identity.Account).toBe(rig.simulator.managementAccountId);
    const other = stsClient(rig.simulator.url, { accessKeyId: '123456789012' });
    expect((await other.send(new GetCallerIdentityCommand({}))).Account).toBe('123456789012');
  });

  it("lets a new account's role be assumed once it is usable, and calls are that account's then", async () => {
    rig.simulator.set({ usableMs: 540_000 });
    const { AccountId } = await finish(rig, 'a@example.com');
    const assume = () => rig.sts.send(role(AccountId!, 'OrganizationAccountAccessRole'));
    expect(await failure(assume())).toMatchObject({ name: 'AccessDenied', status: 403 });
    rig.clock.advance(540_000);
    const { Credentials } = await assume();
    expect(Credentials?.Expiration?.getTime()).toBeGreaterThan(Date.now());
    const member = organizationsClient(rig.simulator.url, {
      accessKeyId: Credentials!.AccessKeyId!,
    });
    expect(await failure(member.send(new ListAccountsCommand({})))).toMatchObject({
      name: 'AccessDeniedException',
    });
    expect(rig.simulator.journal().at(-1)).toMatchObject({ callerAccountId: AccountId });
    expect(await failure(rig.sts.send(role(AccountId!, 'AnotherRole')))).toMatchObject({
      name: 'AccessDenied',
    });
  });

  it('names the role that was assumed, without its path', async () => {
    const { managementAccountId, url } = rig.simulator;
    const { Credentials, AssumedRoleUser } = await rig.sts.send(
      role(managementAccountId, 'team/Vending'),
    );
    const session = stsClient(url, { accessKeyId: Credentials!.AccessKeyId! });
    const { Arn } = await session.send(new GetCallerIdentityCommand({}));
    expect(Arn).toBe(`arn:aws:sts::${managementAccountId}:assumed-role/Vending/test`);
    expect(AssumedRoleUser?.Arn).toBe(Arn);
  });

  it('refuses unknown operations and injected faults in XML', async () => {
    rig.simulator.inject({
      operation: 'GetCallerIdentity',
      kind: 'error',
      error: { name: 'ExpiredToken', status: 403, message: '<expired & gone>' },
    });
    expect(await failure(rig.sts.send(new GetCallerIdentityCommand({})))).toMatchObject({
      message: '<expired & gone>',
      status: 403,
    });
    const answer = await fetch(rig.simulator.url, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        Authorization: AUTHORIZATION.replace('organizations', 'sts'),
      },
      body: 'Action=GetSessionToken',
    });
    expect(await answer.text()).toContain('<Code>UnknownOperationException</Code>');
  });
});
