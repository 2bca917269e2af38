import { MoveAccountCommand, TagResourceCommand } from '@aws-sdk/client-organizations';
import { REQUEST_TAG } from '../../src/contract';
import { destroyClients, organizationsClient } from '../simulator/clients';
import type { Vending } from '../support/vending';
import {
  UNIT,
  asked,
  creates,
  escalationsOf,
  expectAsAsked,
  followed,
  saysWhatItWaitsFor,
  withCases,
} from './support';
import { refuse } from '../support/refuse';
import { untilTrue } from '../support/until';

const { start } = withCases();
afterEach(() => destroyClients());

/** Somebody at the console. */
const person = (vending: Vending) => organizationsClient(vending.simulator.url);
const unitId = (vending: Vending) =>
  vending.simulator.snapshot().organizationalUnits.find(({ path }) => path === UNIT)?.id ?? '';
const elsewhere = (vending: Vending) => vending.simulator.addOrganizationalUnit('Elsewhere');
const newAccountId = (vending: Vending) =>
  vending.simulator.snapshot().accounts.find((one) => one.createAccountRequestId)?.id ?? '';

describe('case 21 · MoveAccount', () => {
  test.each(['reset', 'html'] as const)(
    'its answer is lost (%s): the account is moved once, and stands where it should',
    async (kind) => {
      const vending = await start();
      vending.simulator.inject({ operation: 'MoveAccount', kind, phase: 'after' });
      const request = asked('moved');
      const handle = await vending.begin(request);
      const result = await followed(vending, handle);
      expect(vending.calls('MoveAccount')).toBe(1);
      expect(await escalationsOf(handle)).toEqual([]);
      expectAsAsked(vending, [request, result]);
    },
  );

  /** A vend whose first moves AWS refuses, so that a person is quicker. */
  async function overtaken(to: (vending: Vending) => string, knobs = {}) {
    const vending = await start({ simulator: { knobs } });
    vending.simulator.inject(
      refuse('MoveAccount', 'ConcurrentModificationException', { times: 'always' }),
    );
    const request = asked('moved');
    const handle = await vending.begin(request);
    await vending.until(handle, () => vending.calls('MoveAccount') > 0);
    vending.simulator.clearFaults();
    await person(vending).send(
      new MoveAccountCommand({
        AccountId: newAccountId(vending),
        SourceParentId: vending.simulator.rootId,
        DestinationParentId: to(vending),
      }),
    );
    expectAsAsked(vending, [request, await followed(vending, handle)]);
    return { vending, escalations: await escalationsOf(handle) };
  }

  test('a person has moved it there already: fine', async () => {
    const { vending, escalations } = await overtaken(unitId);
    expect(escalations).toEqual([]);
    expect(vending.simulator.createdAccounts()).toEqual({ moved: 1 });
  });

  test.each(['SourceParentNotFoundException', 'AccountNotFoundException'] as const)(
    'a person has moved it elsewhere (AWS says %s): it is moved on from there',
    async (wrongSourceError) => {
      const { escalations } = await overtaken(elsewhere, { wrongSourceError });
      expect(escalations).toEqual([]);
    },
  );

  test('and AWS goes on naming the old parent for a while: looked at again until it is true', async () => {
    const { escalations } = await overtaken(elsewhere, { staleReadRate: 1, staleReadMs: 20_000 });
    expect(escalations).toEqual([]);
  });

  test('the unit was deleted meanwhile: a person is asked, and names another', async () => {
    const vending = await start({ simulator: { knobs: { creationMs: 60_000 } } });
    const gone = vending.simulator.addOrganizationalUnit('Gone');
    const request = { ...asked('moved'), organizationalUnit: 'Gone' };
    const handle = await vending.begin(request);
    await untilTrue(() => creates(vending).length === 1);
    vending.simulator.removeOrganizationalUnit(gone);
    const state = await vending.escalated(handle);
    expect(state).toMatchObject({
      stage: 'placing',
      escalation: { reason: 'DestinationParentNotFoundException', scope: 'request' },
    });
    expect(state.escalation?.amendable).toContain('organizationalUnit');
    const changes = { organizationalUnit: UNIT };
    await vending.resolve(handle, { action: 'amend', changes });
    const result = await followed(vending, handle);
    expectAsAsked(vending, [{ ...request, ...changes }, result]);
  });
});

describe('case 22 · tags', () => {
  test('the tag call on an adopted account fails: waited out, then told, and nothing is lost', async () => {
    const vending = await start();
    const id = vending.simulator.addAccount({ email: 'given@example.com' });
    vending.simulator.inject(
      refuse('TagResource', 'ConcurrentModificationException', { times: 3 }),
    );
    vending.simulator.inject(refuse('TagResource', 'AccessDeniedException', { times: 'always' }));
    const handle = await vending.begin(asked('given'));
    await vending.escalated(handle, 'ACCOUNT_NOT_OURS');
    await vending.resolve(handle, { action: 'adopt', accountId: id });
    const state = await vending.escalated(handle, 'AccessDeniedException');
    expect(saysWhatItWaitsFor(state)).toBe(true);
    vending.simulator.clearFaults();
    await vending.resolve(handle, { action: 'retry' });
    const result = await followed(vending, handle);
    expect(creates(vending)).toHaveLength(1);
    expectAsAsked(vending, [asked('given'), result]);
  });

  test('a tag policy refuses: nothing was created, and the requester amends the tags', async () => {
    const vending = await start();
    const policy = { reason: 'TAG_POLICY_VIOLATION' };
    vending.simulator.inject(refuse('CreateAccount', 'ConstraintViolationException', policy));
    const handle = await vending.begin(asked('tagged'));
    const { escalation } = await vending.escalated(handle);
    expect(escalation).toMatchObject({ reason: 'TAG_POLICY_VIOLATION', scope: 'request' });
    expect(escalation?.amendable).toContain('tags');
    expect(vending.simulator.committedCreations()).toEqual({});
    const changes = { tags: { CostCenter: '42' } };
    await vending.resolve(handle, { action: 'amend', changes });
    const result = await followed(vending, handle);
    expectAsAsked(vending, [{ ...asked('tagged'), ...changes }, result]);
  });

  test('somebody overwrote our tag while the answer was lost: not ours without a person, and never sent again', async () => {
    const vending = await start();
    const request = asked('marked', 'drop-after-commit');
    const handle = await vending.begin(request);
    await untilTrue(() => creates(vending).length === 1);
    vending.simulator.advance(1_000);
    const overwrite = (Value: string) =>
      person(vending).send(
        new TagResourceCommand({
          ResourceId: newAccountId(vending),
          Tags: [{ Key: REQUEST_TAG, Value }],
        }),
      );
    await overwrite('somebody-elses');
    const state = await vending.escalated(handle);
    expect(state.escalation?.reason).toBe('ACCOUNT_NOT_OURS');
    expect(state.accountId).toBeUndefined();
    // What was lost may be that account: another address could make a second one.
    expect(state.escalation?.amendable ?? []).not.toContain('email');
    expect(state.escalation?.message).not.toContain('give another address');
    expect(creates(vending)).toHaveLength(1);

    await overwrite('marked');
    await vending.resolve(handle, { action: 'retry' });
    const result = await followed(vending, handle);
    expect(creates(vending)).toHaveLength(1);
    expectAsAsked(vending, [request, result]);
  });
});
