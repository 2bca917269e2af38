import { ListTagsForResourceCommand, TagResourceCommand } from '@aws-sdk/client-organizations';
import { REQUEST_TAG } from '../../src/contract';
import { admitted, created, refuse, valueOf, withRig } from './rig';
import type { Rig } from './rig';

const startRig = withRig();
const REQUEST = admitted('vend');

async function inspect(rig: Rig, accountId: string, allowOtherEmail = false, request = REQUEST) {
  const { organizationId } = rig.simulator;
  return valueOf(
    await rig.do.inspectAccount({ organizationId, request, accountId, allowOtherEmail }),
  );
}

describe('an account that a person named', () => {
  test('fits with this address, whatever its case', async () => {
    const rig = await startRig();
    const id = rig.simulator.addAccount({ email: 'VEND@example.com' });
    expect(await inspect(rig, id)).toEqual({
      fits: true,
      tagged: false,
      joinedAt: expect.stringMatching(/Z$/),
    });
  });

  test('that carries our tag already needs it no more', async () => {
    const rig = await startRig();
    const tags = { [REQUEST_TAG]: 'vend' };
    const id = rig.simulator.addAccount({ email: 'vend@example.com', tags });
    expect(await inspect(rig, id)).toMatchObject({ fits: true, tagged: true });
  });

  test('with another address fits only when that is allowed', async () => {
    const rig = await startRig();
    const id = rig.simulator.addAccount({ email: 'else@example.com' });
    expect(await inspect(rig, id)).toMatchObject({
      fits: false,
      why: expect.stringContaining('allowOtherEmail'),
    });
    expect(await inspect(rig, id, true)).toMatchObject({ fits: true });
  });

  test('brought in by a request without an address fits with any', async () => {
    const rig = await startRig();
    const id = rig.simulator.addAccount({ email: 'else@example.com' });
    const { email: _, accountName: __, ...request } = REQUEST;
    expect(await inspect(rig, id, false, request)).toMatchObject({ fits: true });
  });

  test.each([false, true])(
    "never fits with another vend's tag (another address allowed: %p)",
    async (allowed) => {
      const rig = await startRig();
      const tags = { [REQUEST_TAG]: 'another-vend' };
      const id = rig.simulator.addAccount({ email: 'vend@example.com', tags });
      expect(await inspect(rig, id, allowed)).toMatchObject({
        fits: false,
        why: expect.stringContaining('another-vend'),
      });
    },
  );

  test.each(['SUSPENDED', 'PENDING_CLOSURE', 'CLOSED'])(
    'never fits while it is %s',
    async (state) => {
      const rig = await startRig();
      const id = rig.simulator.addAccount({ email: 'vend@example.com', state });
      expect(await inspect(rig, id)).toMatchObject({
        fits: false,
        why: expect.stringContaining(state),
      });
    },
  );

  test('never fits while it is suspended, also where AWS shows Status alone', async () => {
    const rig = await startRig({ simulator: { knobs: { accountStateFields: 'status' } } });
    const id = rig.simulator.addAccount({ email: 'vend@example.com', state: 'SUSPENDED' });
    expect(await inspect(rig, id)).toMatchObject({ fits: false });
  });

  test('never fits before its sign-up is finished', async () => {
    const rig = await startRig({ simulator: { knobs: { activationMs: 3_600_000 } } });
    const id = await created(rig, REQUEST);
    expect(await inspect(rig, id)).toMatchObject({
      fits: false,
      why: expect.stringContaining('PENDING_ACTIVATION'),
    });
  });

  test('is never the management account', async () => {
    const rig = await startRig();
    expect(await inspect(rig, rig.simulator.managementAccountId, true)).toMatchObject({
      fits: false,
      why: expect.stringContaining('management account'),
    });
  });

  test('must be a member of the organization', async () => {
    const rig = await startRig();
    expect(await inspect(rig, '999900001111')).toMatchObject({
      fits: false,
      why: expect.stringContaining('not a member'),
    });
  });

  test('is not judged where AWS does not let us look', async () => {
    const rig = await startRig();
    const accountId = rig.simulator.addAccount({ email: 'vend@example.com' });
    rig.simulator.inject(refuse('ListTagsForResource', 'AccessDeniedException'));
    const { organizationId } = rig.simulator;
    const input = { organizationId, request: REQUEST, accountId, allowOtherEmail: false };
    expect(await rig.do.inspectAccount(input)).toMatchObject({
      ok: false,
      error: { operation: 'ListTagsForResource', name: 'AccessDeniedException' },
    });
  });

  test('is told about without any address', async () => {
    const rig = await startRig();
    const id = rig.simulator.addAccount({ email: 'else@example.com' });
    expect(JSON.stringify(await inspect(rig, id))).not.toContain('@');
  });
});

describe('tagging', () => {
  test('writes all tags, keeps the others, and may be done twice', async () => {
    const rig = await startRig();
    const { organizationId } = rig.simulator;
    const accountId = rig.simulator.addAccount({
      email: 'vend@example.com',
      tags: { Team: 'a', CostCenter: 'old' },
    });
    const { tags } = REQUEST;
    for (let n = 0; n < 2; n += 1) {
      expect(await rig.do.tagAccount({ organizationId, accountId, tags })).toEqual({
        ok: true,
        value: {},
      });
    }
    const account = rig.simulator.snapshot().accounts.find(({ id }) => id === accountId);
    expect(account?.tags).toEqual({ Team: 'a', CostCenter: '4711', [REQUEST_TAG]: 'vend' });
  });

  test('leaves an account that another vend has taken meanwhile to it', async () => {
    const rig = await startRig();
    const { organizationId } = rig.simulator;
    const theirs = { [REQUEST_TAG]: 'another', Team: 'b' };
    const accountId = rig.simulator.addAccount({ email: 'vend@example.com', tags: theirs });
    const input = { organizationId, accountId, tags: REQUEST.tags };
    expect(await rig.do.tagAccount(input)).toEqual({ ok: true, value: { takenBy: 'another' } });
    expect(rig.calls('TagResource')).toEqual([]);
    const account = rig.simulator.snapshot().accounts.find(({ id }) => id === accountId);
    expect(account?.tags).toEqual(theirs);
  });

  test('tells where another vend has written its tag in the same moment', async () => {
    const rig = await startRig({
      wrap: (aws) => {
        const { organizations } = aws.writersFor('another');
        const send = aws.organizations.send.bind(aws.organizations) as (
          command: object,
        ) => Promise<unknown>;
        let reads = 0;
        // Between our write and the second read.
        const meanwhile = async (command: object) => {
          if (command instanceof ListTagsForResourceCommand && (reads += 1) === 2) {
            await organizations.send(
              new TagResourceCommand({
                ResourceId: command.input.ResourceId,
                Tags: [{ Key: REQUEST_TAG, Value: 'another' }],
              }),
            );
          }
          return send(command);
        };
        aws.organizations.send = meanwhile as typeof aws.organizations.send;
        return aws;
      },
    });
    const { organizationId } = rig.simulator;
    const accountId = rig.simulator.addAccount({ email: 'vend@example.com' });
    const input = { organizationId, accountId, tags: REQUEST.tags };
    expect(await rig.do.tagAccount(input)).toEqual({ ok: true, value: { takenBy: 'another' } });
  });

  test.each([
    ['TargetNotFoundException', undefined],
    ['ConstraintViolationException', 'TAG_POLICY_VIOLATION'],
  ])('a refusal is an answer: %s %s', async (name, reason) => {
    const rig = await startRig();
    const { organizationId } = rig.simulator;
    const accountId = rig.simulator.addAccount({ email: 'vend@example.com' });
    rig.simulator.inject({
      operation: 'TagResource',
      kind: 'error',
      error: { name, ...(reason ? { reason } : {}) },
    });
    expect(await rig.do.tagAccount({ organizationId, accountId, tags: {} })).toMatchObject({
      ok: false,
      error: { operation: 'TagResource', name, outcome: 'rejected' },
    });
  });
});
