import { startDevServer, type DevServer } from '../support/temporal';
import { Vending } from '../support/vending';
import { configFile } from './doctor-support';
import { vend, type Ended } from './run-vend';

/** Where the configuration asks for an approval, nobody may wait for days in front of a smoke test. */

const CONFIGURATION = {
  creation: { poll: { initial: '100ms', max: '200ms' }, reconcile: { settle: '100ms' } },
  conformance: { allowNone: true },
  approval: { required: true },
};
let dev: DevServer;
let vending: Vending;
let config: string;

beforeAll(async () => {
  dev = await startDevServer({ ui: false });
  vending = await Vending.start(dev, {
    skipped: false,
    simulator: { knobs: { creationMs: 200 } },
    configuration: CONFIGURATION,
  });
  config = configFile({ ...CONFIGURATION, taskQueue: vending.taskQueue });
});
afterAll(async () => {
  await vending?.close();
  await dev?.close();
});

function cli(...argv: string[]): Promise<Ended> {
  return vend(argv, { env: { TEMPORAL_ADDRESS: dev.address, VEND_CONFIG: config } });
}

test('the plan tells of the approval; it ends with 3 and what to type; approved, it goes on', async () => {
  const to = ['--email', 'waits@example.com', '--confirm', vending.simulator.organizationId];
  const line = ['smoke', '--create', '--request-id', 'waits', ...to];
  const first = await cli(...line);
  expect(first.stderr).toMatch(
    /not before somebody else approves it \(vend approve waits\): this ends with 3/,
  );
  expect(first.stdout).toMatch(
    /Nothing is created yet: it waits for an approval\.\n  vend approve waits\n/,
  );
  expect(first.stdout).toMatch(/run this again: it goes on with the same account/);
  expect(first.status).toBe(3);

  const again = await cli(...line, '--json');
  expect(again.status).toBe(3);
  expect(JSON.parse(again.stdout)).toMatchObject({ ok: false, vend: { stage: 'approving' } });
  expect(vending.simulator.createdAccounts()).toEqual({});

  expect((await cli('approve', 'waits', '--by', 'somebody-else')).status).toBe(0);
  const approved = await cli(...line);
  expect([approved.status, approved.stdout]).toEqual([
    0,
    expect.stringContaining('test is passed'),
  ]);
  expect(vending.simulator.createdAccounts()).toEqual({ waits: 1 });
});

test('whoever may approve their own is told so', async () => {
  const own = configFile({
    ...CONFIGURATION,
    approval: { required: true, allowRequester: true },
    taskQueue: vending.taskQueue,
  });
  const flags = ['--create', '--email', 'a@example.com', '--confirm', 'o-another', '--config', own];
  expect((await cli('smoke', ...flags)).stderr).toContain('not before a person approves it');
});
