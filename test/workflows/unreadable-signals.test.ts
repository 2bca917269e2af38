import { approveUpdate, stateQuery } from '../../src/contract';
import type { VendNotice } from '../../src/contract';
import { WATCH_PROTOCOL } from '../../src/domain/watch/messages';
import { WITHDRAW_CALLER } from '../../src/domain/withdrawal';
import { aRequest, withSkippedTime } from '../support/skipped';

const { vending: startVending } = withSkippedTime();
const REGION = 'us-east-1';
const MINUTE = 60_000;

/** Sent by hand; and what a vend tells the workflow that its request names, which may be any. */
const NOTICE: VendNotice = {
  requestId: 'other',
  workflowId: 'vend-other',
  stage: 'done',
  accountId: '111122223333',
};
const UNREADABLE = [{}, null, NOTICE];

describe('the organization’s gate', () => {
  test.each(['ask', 'release', 'withdraw', 'report'])(
    'ignores a signal %s that it cannot read, and goes on',
    async (name) => {
      const vending = await startVending({ simulator: { knobs: { creationMs: 5 * MINUTE } } });
      const before = await vending.begin(aRequest('before'));
      await vending.until(before, ({ stage }) => stage === 'creating');
      for (const message of UNREADABLE) await vending.gate.signal(name, message);
      const after = await vending.begin(aRequest('after'));
      await expect(after.result()).resolves.toMatchObject({ adopted: false });
      await expect(before.result()).resolves.toMatchObject({ adopted: false });
    },
  );
});

describe('the watch of a region', () => {
  test('ignores mail that it cannot read, and of other mail the messages that it cannot read', async () => {
    const vending = await startVending();
    vending.simulator.putConformancePack({ name: 'Slow', region: REGION, rowDelayMs: 20 * MINUTE });
    const handle = await vending.begin({ ...aRequest('waits'), conformance: {} });
    await vending.until(handle, ({ stage }) => stage === 'conforming');
    const messages = [...UNREADABLE, { v: WATCH_PROTOCOL, ticket: 1, packs: null }];
    for (const message of messages) await vending.watch().signal('mail', message);
    await vending.watch().signal('mail', {
      v: WATCH_PROTOCOL,
      subscribe: messages,
      unsubscribe: messages,
    });
    const { conformance } = await handle.result();
    expect(conformance).toMatchObject([{ status: 'CREATE_SUCCESSFUL' }]);
    await expect(vending.watchState()).resolves.toMatchObject({ waiting: 0 });
  });
});

describe('a vend', () => {
  test.each([{}, null, { caller: 'x' }])(
    'refuses an update withdrawCaller that the Nexus handler did not send (%j), and goes on',
    async (message) => {
      const vending = await startVending();
      const handle = await vending.begin(aRequest('withdrawn'));
      await expect(
        handle.executeUpdate(WITHDRAW_CALLER, { args: [message] }),
      ).rejects.toMatchObject({ cause: { message: expect.stringContaining('Nexus handler') } });
      await expect(handle.result()).resolves.toMatchObject({ adopted: false });
    },
  );

  test('a grant that nobody has given does not let it past the gate', async () => {
    const vending = await startVending({
      configuration: { approval: { required: true }, creation: { maxInProgress: 1 } },
      simulator: { knobs: { creationMs: 20 * MINUTE } },
    });
    const approved = async (id: string, ...grants: object[]) => {
      const handle = await vending.begin(aRequest(id));
      await vending.until(handle, ({ stage }) => stage === 'approving');
      for (const grant of grants) await handle.signal('grant', grant);
      await handle.executeUpdate(approveUpdate, { args: [{ by: 'ada' }] });
      return handle;
    };
    const first = await approved('first');
    await vending.until(first, ({ stage }) => stage === 'creating');
    const second = await approved('second', {});
    await vending.pass(5 * MINUTE);
    const { stage, waitingFor } = await second.query(stateQuery);
    expect({ stage, waitingFor }).toMatchObject({
      stage: 'queued',
      waitingFor: expect.stringContaining('1 of 1 creations in progress'),
    });
    expect(vending.calls('CreateAccount')).toBe(1);
    await expect(second.result()).resolves.toMatchObject({ adopted: false });
  });

  test.each(['grant', 'notice', 'verdict'])(
    'ignores a signal %s that it cannot read, and goes on',
    async (name) => {
      const vending = await startVending({ configuration: { approval: { required: true } } });
      vending.simulator.putConformancePack({
        name: 'Slow',
        region: REGION,
        rowDelayMs: 20 * MINUTE,
      });
      const handle = await vending.begin({ ...aRequest('hears'), conformance: {} });
      await vending.until(handle, ({ stage }) => stage === 'approving');
      for (const message of UNREADABLE) await handle.signal(name, message);
      await handle.executeUpdate(approveUpdate, { args: [{ by: 'ada' }] });
      await vending.until(handle, ({ stage }) => stage === 'conforming');
      for (const message of UNREADABLE) await handle.signal(name, message);
      await expect(handle.result()).resolves.toMatchObject({ adopted: false });
    },
  );
});
