import { IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { startSimulator } from '../../src/simulator';
import { allows, policySchema, type Wanted } from '../../src/simulator/iam/policy';

const policy = (...statements: object[]) =>
  policySchema.parse({ Version: '2012-10-17', Statement: statements });
const ALLOW = { Effect: 'Allow', Action: 'organizations:*', Resource: '*' };
const MOVE: Wanted = {
  action: 'organizations:MoveAccount',
  resource: 'arn:aws:organizations::111122223333:ou/o-1/ou-1-2',
  context: {},
};
const isAllowed = (statement: object, context: Wanted['context'] = {}) =>
  allows([policy({ ...ALLOW, ...statement })], { ...MOVE, context });

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html */
test('nothing is allowed that no statement allows, and a Deny wins', () => {
  expect(allows([], MOVE)).toBe(false);
  expect(allows([policy(ALLOW)], MOVE)).toBe(true);
  const deny = policy({ ...ALLOW, Effect: 'Deny', Action: ['organizations:MoveAccount'] });
  expect(allows([policy(ALLOW), deny], MOVE)).toBe(false);
  expect(allows([policy(ALLOW), deny], { ...MOVE, action: 'organizations:ListRoots' })).toBe(true);
});

test.each([
  ['organizations:MoveAccount', true],
  ['ORGANIZATIONS:moveaccount', true],
  ['organizations:Move*', true],
  ['organizations:MoveAccoun?', true],
  ['organizations:Move', false],
  ['config:*', false],
])('action %s: %s', (Action, expected) => {
  expect(isAllowed({ Action })).toBe(expected);
});

test.each([
  ['arn:aws:organizations::111122223333:ou/o-1/*', true],
  ['arn:aws:organizations::*:ou/o-1/ou-1-?', true],
  ['arn:aws:organizations::111122223333:OU/o-1/ou-1-2', false],
  ['arn:aws:organizations::111122223333:ou/o-1/ou-1', false],
  ['arn.aws.organizations..111122223333:ou/o-1/ou-1-2', false],
])('resource %s: %s', (Resource, expected) => {
  expect(isAllowed({ Resource })).toBe(expected);
});

test.each<[object, Wanted['context'], boolean]>([
  [{ Null: { 'aws:RequestTag/a:b': 'false' } }, { 'aws:RequestTag/a:b': 'x' }, true],
  [{ Null: { 'aws:RequestTag/a:b': 'false' } }, { 'aws:requesttag/A:B': 'x' }, true],
  [{ Null: { 'aws:RequestTag/a:b': 'false' } }, {}, false],
  [{ Null: { 'aws:RequestTag/a:b': 'true' } }, {}, true],
  [{ StringEquals: { k: ['a', 'b'] } }, { k: 'b' }, true],
  [{ StringEquals: { k: 'a*' } }, { k: 'ab' }, false],
  [{ StringEquals: { k: 'a' } }, {}, false],
  [{ StringLike: { k: 'vend-*' } }, { k: 'vend-x' }, true],
  [{ StringLike: { k: 'vend-*' } }, { k: 'x-vend-x' }, false],
  [{ StringEquals: { k: 'a' }, StringLike: { l: 'b' } }, { k: 'a', l: 'c' }, false],
  [{ 'ForAllValues:StringEquals': { k: ['a', 'b'] } }, { k: ['a', 'c'] }, false],
  [{ 'ForAllValues:StringEquals': { k: ['a', 'b'] } }, {}, true],
])('condition %j with %j: %s', (Condition, context, expected) => {
  expect(isAllowed({ Condition }, context)).toBe(expected);
});

test.each([
  { NotAction: ['organizations:*'] },
  { Condition: { StringNotEquals: { k: 'a' } } },
  { Condition: { Bool: { k: 'true' } } },
])('what is not understood is refused, and not ignored: %j', (more) => {
  expect(() => policy({ ...ALLOW, ...more })).toThrow(/Unrecognized|Invalid/i);
});

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html */
test('IAM says of each action and resource what the calls themselves would be answered', async () => {
  const simulator = await startSimulator({ profile: 'test' });
  const role = `arn:aws:iam::${simulator.managementAccountId}:role/Vending`;
  const iam = new IAMClient({
    endpoint: simulator.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  });
  const ask = async (PolicySourceArn: string, ContextKeyValues: string[] = []) => {
    const { EvaluationResults = [] } = await iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn,
        ActionNames: ['organizations:MoveAccount', 'organizations:CreateAccount'],
        ResourceArns: ['arn:aws:organizations::1:ou/o-1/a', 'arn:aws:organizations::1:ou/o-1/<b>'],
        ContextEntries: [{ ContextKeyName: 'k', ContextKeyType: 'string', ContextKeyValues }],
      }),
    );
    return EvaluationResults.map(({ EvalActionName, EvalResourceName, EvalDecision }) =>
      [EvalActionName?.split(':')[1], EvalResourceName?.split('/').at(-1), EvalDecision].join(' '),
    );
  };
  try {
    const Condition = { StringEquals: { k: 'yes' } };
    const Resource = 'arn:aws:organizations::1:ou/o-1/<b>';
    const Action = ['organizations:MoveAccount'];
    simulator.setPermissions({
      identities: {
        [role]: [
          { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource, Condition }] },
        ],
      },
    });
    expect(await ask(role, ['yes'])).toEqual([
      'MoveAccount a implicitDeny',
      'MoveAccount <b> allowed',
      'CreateAccount a implicitDeny',
      'CreateAccount <b> implicitDeny',
    ]);
    expect(await ask(role)).not.toContainEqual(expect.stringContaining('allowed'));
    // Of whom no policy is known may do everything, here as in the calls themselves.
    const other = role.replace('Vending', 'Other');
    expect((await ask(other)).every((line) => line.endsWith(' allowed'))).toBe(true);
    await expect(ask('nobody')).rejects.toThrow(/PolicySourceArn/);
  } finally {
    iam.destroy();
    await simulator.close();
  }
});
