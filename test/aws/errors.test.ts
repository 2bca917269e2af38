import {
  CreateAccountCommand,
  ListAccountsCommand,
  MoveAccountCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import type { OrganizationsClientConfig } from '@aws-sdk/client-organizations';
import { createAwsClients } from '../../src/aws/clients';
import type { AwsClients } from '../../src/aws/clients';
import { clean, describeAwsError } from '../../src/aws/errors';
import type { AwsError } from '../../src/domain/aws-error';
import { reasonOf } from '../../src/domain/aws-error';
import { close, cutBody, exception, html, json, silence, startFaultyServer } from './faulty-server';
import type { Behaviour, FaultyServer } from './faulty-server';
import { useNodeErrors } from './node-errors';

useNodeErrors();

const EMAIL = 'Team-A.Prod@example.com';
const NAME = 'Team A Prod';
const CREATE = new CreateAccountCommand({ Email: EMAIL, AccountName: NAME });
const MOVE = new MoveAccountCommand({
  AccountId: '111122223333',
  SourceParentId: 'r-ab12',
  DestinationParentId: 'ou-ab12-11111111',
});

let server: FaultyServer;
let aws: AwsClients;
const more: OrganizationsClient[] = [];

beforeAll(async () => {
  server = await startFaultyServer();
  process.env['AWS_ENDPOINT_URL'] = server.url;
  aws = createAwsClients();
});
afterAll(async () => {
  aws.destroy();
  for (const client of more) client.destroy();
  await server.close();
});

/** As the clients of the worker, with what a test hurries up or breaks. */
function writeClient(config: OrganizationsClientConfig): OrganizationsClient {
  const client = new OrganizationsClient({ region: 'us-east-1', maxAttempts: 1, ...config });
  more.push(client);
  return client;
}

async function failing(send: () => Promise<unknown>): Promise<AwsError> {
  try {
    await send();
  } catch (error) {
    return describeAwsError('CreateAccount', error, [EMAIL, NAME]);
  }
  throw new Error('The call did not fail.');
}
const create = (client = aws.organizationsWrite) => failing(() => client.send(CREATE));

const UNKNOWN: [string, Behaviour, string | undefined][] = [
  ['the socket is closed before an answer', close, 'TimeoutError'],
  ['500 ServiceException', exception('ServiceException', { status: 500 }), 'ServiceException'],
  ['500 InternalFailure', exception('InternalFailure', { status: 500 }), 'InternalFailure'],
  ['500 without a body', json(500, {}), undefined],
  ['500 HTML', html(500), 'SyntaxError'],
  ['502 HTML', html(502), 'SyntaxError'],
  ['503 HTML', html(503), 'SyntaxError'],
  ['504 HTML', html(504), 'SyntaxError'],
  ['503 with the name of a refusal', exception('ThrottlingException', { status: 503 }), undefined],
  [
    '500 with the name of a refusal',
    exception('InvalidInputException', { status: 500 }),
    undefined,
  ],
  ['200 and then a cut body', cutBody, undefined],
  ['200 HTML', html(200), 'SyntaxError'],
  ['403 HTML of a proxy', html(403), 'SyntaxError'],
  ['400 without a name', json(400, {}), undefined],
];

describe('what came of a creation cannot be told, and it is sent exactly once', () => {
  test.each(UNKNOWN)('%s', async (_, behaviour, name) => {
    server.behave(behaviour);
    const error = await create();
    expect(error).toMatchObject({ outcome: 'unknown', ...(name ? { name } : {}) });
    expect(server.seen).toEqual(['CreateAccount']);
  });

  test.each(UNKNOWN)('MoveAccount, %s', async (_, behaviour) => {
    server.behave(behaviour);
    const error = await failing(() => aws.organizationsWrite.send(MOVE));
    expect(error.outcome).toBe('unknown');
    expect(server.seen).toEqual(['MoveAccount']);
  });

  test('no answer until the client gives up', async () => {
    server.behave(silence);
    const requestHandler = {
      connectionTimeout: 3_000,
      requestTimeout: 100,
      throwOnRequestTimeout: true,
    };
    const error = await create(writeClient({ requestHandler }));
    expect(error).toMatchObject({ name: 'TimeoutError', outcome: 'unknown' });
    expect(server.seen).toEqual(['CreateAccount']);
  });

  test('the socket is silent', async () => {
    server.behave(silence);
    const error = await create(writeClient({ requestHandler: { socketTimeout: 100 } }));
    expect(error).toMatchObject({ name: 'TimeoutError', outcome: 'unknown' });
    expect(server.seen).toEqual(['CreateAccount']);
  });
});

test('an AssumeRole without an answer does not hang for ever either', async () => {
  const managementRoleArn = 'arn:aws:iam::111122223333:role/Vending';
  const assuming = createAwsClients({ managementRoleArn }, { requestTimeoutMs: 100, attempts: 1 });
  server.behave(silence);
  const error = await failing(() => assuming.organizations.send(new ListAccountsCommand({})));
  assuming.destroy();
  expect(server.seen).toHaveLength(1);
  expect(error).toMatchObject({ name: 'TimeoutError' });
});

test.each(['organizationsWrite', 'organizations'] as const)(
  'the client %s has time-outs that throw: a call without an answer must not hang for ever',
  async (which) => {
    const requestHandler = aws[which].config.requestHandler as unknown as {
      httpHandlerConfigs(): object;
    };
    server.behave(json(200, {}));
    await aws[which].send(new ListAccountsCommand({}));
    expect(requestHandler.httpHandlerConfigs()).toMatchObject({
      connectionTimeout: 3_000,
      requestTimeout: 20_000,
      throwOnRequestTimeout: true,
    });
  },
);

test('writes are tried once by the SDK', async () => {
  await expect(aws.organizationsWrite.config.maxAttempts()).resolves.toBe(1);
});

const REFUSALS: [string, string | undefined][] = [
  ['TooManyRequestsException', undefined],
  ['ThrottlingException', undefined],
  ['ConcurrentModificationException', undefined],
  ['FinalizingOrganizationException', undefined],
  ['AccessDeniedException', undefined],
  ['AWSOrganizationsNotInUseException', undefined],
  ['UnsupportedAPIEndpointException', undefined],
  ['ExpiredTokenException', undefined],
  ['InvalidSignatureException', undefined],
  ['UnrecognizedClientException', undefined],
  ['NeverSeenException', undefined],
  ['ConstraintViolationException', 'ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED'],
  ['ConstraintViolationException', 'NEVER_SEEN'],
  ['InvalidInputException', 'INVALID_PATTERN'],
  ['AccessDeniedForDependencyException', 'ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE'],
];

describe('AWS refuses: nothing happened, whatever the HTTP code', () => {
  test.each(REFUSALS)('%s %s', async (name, reason) => {
    for (const status of [400, 403, 404, 409, 429]) {
      server.behave(exception(name, { status, ...(reason ? { reason } : {}) }));
      const error = await create();
      expect(error).toEqual({
        operation: 'CreateAccount',
        name,
        ...(reason ? { reason } : {}),
        message: 'as AWS says',
        outcome: 'rejected',
      });
      expect(server.seen).toEqual(['CreateAccount']);
    }
  });

  test('a name with a namespace is the same name', async () => {
    server.behave(exception('com.amazonaws.organizations#TooManyRequestsException'));
    expect(await create()).toMatchObject({ name: 'TooManyRequestsException', outcome: 'rejected' });
  });

  test("a clock that differs from AWS's is no reason to send twice", async () => {
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    server.behave(json(400, { __type: 'AccessDeniedException', Message: 'no' }, { date }));
    expect(await create()).toMatchObject({ outcome: 'rejected' });
    expect(server.seen).toEqual(['CreateAccount']);
  });
});

describe('it never reached AWS: nothing happened', () => {
  test('the connection is refused', async () => {
    const error = await create(writeClient({ endpoint: 'http://127.0.0.1:1' }));
    expect(error.outcome).toBe('not-sent');
  });

  test('refused on every address of the name', async () => {
    const error = await create(writeClient({ endpoint: 'http://localhost:1' }));
    expect(error.outcome).toBe('not-sent');
  });

  test('the name is not resolved', async () => {
    const error = await create(writeClient({ endpoint: 'http://organizations.invalid' }));
    expect(error.outcome).toBe('not-sent');
  });

  test('no connection within its time', async () => {
    // A name that is never resolved, so that the socket goes on connecting.
    const lookup = () => undefined;
    const client = writeClient({
      endpoint: 'http://organizations.invalid',
      requestHandler: { connectionTimeout: 50, httpAgent: { keepAlive: false, lookup } },
    });
    expect(await create(client)).toMatchObject({ name: 'TimeoutError', outcome: 'not-sent' });
  });

  test('there are no credentials', async () => {
    server.behave(json(200, {}));
    const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = process.env;
    delete process.env['AWS_ACCESS_KEY_ID'];
    delete process.env['AWS_SECRET_ACCESS_KEY'];
    const without = createAwsClients();
    try {
      const error = await create(without.organizationsWrite);
      expect(error).toMatchObject({ name: 'CredentialsProviderError', outcome: 'not-sent' });
      expect(server.seen).toEqual([]);
    } finally {
      without.destroy();
      Object.assign(process.env, { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret });
    }
  });

  test.each(['EAI_AGAIN', 'ENOTFOUND', 'ECONNREFUSED', 'EHOSTUNREACH'])('%s', (code) => {
    const error = Object.assign(new Error('getaddrinfo'), { code });
    expect(describeAwsError('CreateAccount', error).outcome).toBe('not-sent');
  });
});

test.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT'])('%s leaves the outcome unknown', (code) => {
  const error = Object.assign(new Error('socket'), { code });
  expect(describeAwsError('CreateAccount', error).outcome).toBe('unknown');
});

test.each([undefined, null, 'text', 7, {}, []])(
  '%j, thrown by anybody, is an unknown outcome',
  (thrown) => {
    const error = describeAwsError('CreateAccount', thrown);
    expect(error.outcome).toBe('unknown');
    expect(error.name).not.toBe('');
    expect(error.message).not.toBe('');
  },
);

describe('reads', () => {
  test('are repeated by the SDK', async () => {
    server.behave(exception('ServiceException', { status: 500 }));
    await failing(() => aws.organizations.send(new ListAccountsCommand({})));
    expect(server.seen).toEqual(['ListAccounts', 'ListAccounts', 'ListAccounts']);
  });
});

describe('the text for people', () => {
  const says = async (message: string) => {
    server.behave(exception('InvalidInputException', { message }));
    return (await create()).message;
  };

  test("holds neither the account's name nor an address", async () => {
    const message = await says(
      `The account ${NAME} with ${EMAIL} conflicts with ${EMAIL.toLowerCase()}, or bob@example.org.`,
    );
    expect(message).not.toContain('@');
    expect(message).not.toContain(NAME);
    expect(message.toLowerCase()).not.toContain('team-a');
    expect(message).toContain('conflicts with');
  });

  test('holds no address of whoever called', async () => {
    const message = await says(
      'User: arn:aws:sts::111122223333:assumed-role/Admin/ada@example.com is not authorized to perform: organizations:CreateAccount',
    );
    expect(message).not.toContain('ada@');
    expect(message).toContain('organizations:CreateAccount');
  });

  test('is not endless', async () => {
    expect((await says('a '.repeat(10_000))).length).toBeLessThanOrEqual(1_000);
  });

  test('a secret that is missing hides nothing', () => {
    expect(clean('as AWS says', [undefined, ''])).toBe('as AWS says');
  });
});

test.each([
  ['the Reason', { name: 'ConstraintViolationException', reason: 'UNMET_BILLING_PREREQUISITE' }],
  ['else the name', { name: 'AccessDeniedException' }],
])(
  'an escalation’s reason is AWS’s own word: %s',
  (_, { name, reason }: { name: string; reason?: string }) => {
    const error: AwsError = {
      operation: 'CreateAccount',
      name,
      message: '',
      outcome: 'rejected',
      ...(reason ? { reason } : {}),
    };
    expect(reasonOf(error)).toBe(reason ?? name);
  },
);

test('what AWS, or whoever answers for it, says is cut: text, name and reason', () => {
  const error = {
    name: 'N'.repeat(5_000),
    Reason: `for ada@example.com ${'R'.repeat(5_000)}`,
    message: `${'m'.repeat(990)} ada@example.com ${'m'.repeat(5_000_000)}`,
  };
  const described = describeAwsError('MoveAccount', error);
  expect(described.name).toHaveLength(200);
  expect(described.reason?.length).toBeLessThan(201);
  expect(described.message.length).toBeLessThan(1_001);
  expect(JSON.stringify(described)).not.toContain('ada');
});
