import type { FaultRule } from '../../src/simulator';
import { admitted, created, refuse, valueOf, withRig } from './rig';
import type { Rig, RigOptions } from './rig';

const startRig = withRig();

interface Scene {
  rig: Rig;
  accountId: string;
  /** The unit where the account shall stand. */
  target: string;
  other: string;
  rootId: string;
}

async function scene(options?: RigOptions): Promise<Scene> {
  const rig = await startRig(options);
  const target = rig.simulator.addOrganizationalUnit('Workloads/Prod');
  const other = rig.simulator.addOrganizationalUnit('Sandbox');
  const accountId = await created(rig, admitted('vend'));
  rig.forget();
  return { rig, accountId, target, other, rootId: rig.simulator.rootId };
}

function place(
  { rig, accountId, rootId }: Scene,
  destinationId: string,
  from: 'anywhere' | 'root' = 'anywhere',
) {
  const { organizationId } = rig.simulator;
  return rig.do.placeAccount({ organizationId, accountId, rootId, destinationId, from });
}

const whereIs = ({ rig, accountId }: Scene) =>
  rig.simulator.snapshot().accounts.find(({ id }) => id === accountId)?.parentId;

/** What a person does meanwhile. */
async function moveByHand(at: Scene, destination: string): Promise<void> {
  valueOf(await place(at, destination));
  at.rig.forget();
}

describe('an account that this vend created', () => {
  test('is moved with one call: a new one stands in the root', async () => {
    const at = await scene();
    expect(valueOf(await place(at, at.target))).toMatchObject({ is: 'placed' });
    expect(whereIs(at)).toBe(at.target);
    expect(at.rig.calls('MoveAccount')).toHaveLength(1);
    expect(at.rig.calls('ListParents')).toEqual([]);
  });

  test('that shall stand in the root is not moved', async () => {
    const at = await scene();
    expect(valueOf(await place(at, at.rootId))).toMatchObject({ is: 'placed' });
    expect(at.rig.calls('MoveAccount')).toEqual([]);
  });

  test('that a person has moved away is brought back to the root where that is the target', async () => {
    const at = await scene();
    await moveByHand(at, at.other);
    expect(valueOf(await place(at, at.rootId))).toMatchObject({ is: 'placed' });
    expect(whereIs(at)).toBe(at.rootId);
  });

  test('that a person has moved to its unit already is there', async () => {
    const at = await scene();
    await moveByHand(at, at.target);
    expect(valueOf(await place(at, at.target))).toMatchObject({ is: 'placed' });
    expect(whereIs(at)).toBe(at.target);
  });

  test('that stands elsewhere is moved from where it is now', async () => {
    const at = await scene();
    await moveByHand(at, at.other);
    expect(valueOf(await place(at, at.target))).toMatchObject({ is: 'placed' });
    expect(whereIs(at)).toBe(at.target);
  });

  // What AWS answers where the source exists and is not the parent is not documented.
  test.each(['SourceParentNotFoundException', 'AccountNotFoundException'])(
    'that stands elsewhere is moved from where it is now, also where AWS says %s',
    async (wrongSourceError) => {
      const at = await scene({ simulator: { knobs: { wrongSourceError } } });
      await moveByHand(at, at.other);
      expect(valueOf(await place(at, at.target))).toMatchObject({ is: 'placed' });
      expect(whereIs(at)).toBe(at.target);
    },
  );

  test.each<FaultRule>([
    { kind: 'reset', phase: 'after' },
    { kind: 'cut-body' },
    { kind: 'html', phase: 'after' },
    { kind: 'error', error: { name: 'ServiceException' }, phase: 'after' },
  ])('%j: the answer was lost, and where it stands tells', async (fault) => {
    const at = await scene();
    at.rig.simulator.inject({ ...fault, operation: 'MoveAccount' });
    expect(valueOf(await place(at, at.target))).toMatchObject({ is: 'placed' });
    expect(whereIs(at)).toBe(at.target);
    expect(at.rig.calls('MoveAccount')).toHaveLength(1);
    expect(at.rig.calls('ListParents').length).toBeGreaterThan(0);
  });

  test('a call that was lost before AWS acted is made again', async () => {
    const at = await scene();
    at.rig.simulator.inject({ kind: 'reset', phase: 'before', operation: 'MoveAccount' });
    expect(valueOf(await place(at, at.target))).toMatchObject({ is: 'placed' });
    expect(whereIs(at)).toBe(at.target);
    expect(at.rig.calls('MoveAccount')).toHaveLength(2);
  });

  test('already there, says AWS: that is success', async () => {
    const at = await scene();
    at.rig.simulator.inject(refuse('MoveAccount', 'DuplicateAccountException'));
    expect(valueOf(await place(at, at.target))).toMatchObject({ is: 'placed' });
  });

  test('its unit was deleted meanwhile: the refusal is an answer', async () => {
    const at = await scene();
    at.rig.simulator.removeOrganizationalUnit(at.target);
    expect(await place(at, at.target)).toMatchObject({
      ok: false,
      error: {
        operation: 'MoveAccount',
        name: 'DestinationParentNotFoundException',
        outcome: 'rejected',
      },
    });
    expect(whereIs(at)).toBe(at.rootId);
  });

  test.each([
    'TooManyRequestsException',
    'ConcurrentModificationException',
    'AccessDeniedException',
  ])('%s is an answer, and the next time it is moved', async (name) => {
    const at = await scene();
    at.rig.simulator.inject(refuse('MoveAccount', name, { times: 2 }));
    const first = await place(at, at.target);
    const second = first.ok ? first : await place(at, at.target);
    const third = second.ok ? second : await place(at, at.target);
    expect(valueOf(third)).toMatchObject({ is: 'placed' });
    expect(whereIs(at)).toBe(at.target);
  });

  test('that AWS does not know yet is placed as soon as it does', async () => {
    const rig = await startRig({ simulator: { knobs: { describeVisibleMs: 120_000 } } });
    const target = rig.simulator.addOrganizationalUnit('Workloads');
    const accountId = await created(rig, admitted('vend'));
    const at = { rig, accountId, target, other: target, rootId: rig.simulator.rootId };
    expect(await place(at, target)).toMatchObject({
      ok: false,
      error: { name: expect.stringMatching(/^(?:Account|Child)NotFoundException$/) },
    });
    rig.clock.advance(120_000);
    expect(valueOf(await place(at, target))).toMatchObject({ is: 'placed' });
  });
});

describe('an account that was brought in', () => {
  test('is moved from the root', async () => {
    const at = await scene();
    expect(valueOf(await place(at, at.target, 'root'))).toMatchObject({ is: 'placed' });
    expect(whereIs(at)).toBe(at.target);
  });

  test('that stands elsewhere is left there, and a person hears where', async () => {
    const at = await scene();
    await moveByHand(at, at.other);
    expect(valueOf(await place(at, at.target, 'root'))).toEqual({
      is: 'elsewhere',
      parentId: at.other,
    });
    expect(whereIs(at)).toBe(at.other);
    expect(at.rig.calls('MoveAccount')).toEqual([]);
  });

  test('elsewhere is not moved to the root either', async () => {
    const at = await scene();
    await moveByHand(at, at.other);
    expect(valueOf(await place(at, at.rootId, 'root'))).toMatchObject({ is: 'elsewhere' });
  });

  test('that stands in its unit stays', async () => {
    const at = await scene();
    await moveByHand(at, at.target);
    expect(valueOf(await place(at, at.target, 'root'))).toMatchObject({ is: 'placed' });
    expect(at.rig.calls('MoveAccount')).toEqual([]);
  });

  test('is moved from elsewhere once a person says so', async () => {
    const at = await scene();
    await moveByHand(at, at.other);
    expect(valueOf(await place(at, at.target, 'anywhere'))).toMatchObject({ is: 'placed' });
    expect(whereIs(at)).toBe(at.target);
  });
});
