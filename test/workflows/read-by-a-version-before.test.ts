import type { RunOfRequest } from '../../src/domain/earlier-run';
import { shownAfter } from '../support/shown-after';
import { refuse } from '../support/refuse';
import { aRequest } from '../support/skipped';
import { startingAgain } from '../support/starting-again';

/** The worker's version is one that read no ends of creations. */
const mockBefore = { is: false };
jest.mock('../../src/activities/read-run', () => {
  const real = jest.requireActual('../../src/activities/read-run');
  const readRun = async (run: RunOfRequest) => {
    const { ended, ...told } = await real.readRun(run);
    return mockBefore.is ? told : { ...told, ended };
  };
  return { ...real, readRun };
});

const { present, untilIs, forgetPlace } = startingAgain();

test('a run of a version before, which knew no end of a creation, is no proof that it is over', async () => {
  const { vending } = present();
  vending.simulator.set(shownAfter(1_000 * 60_000));
  const first = await vending.begin(aRequest('told'));
  await vending.until(first, ({ createAccountRequestIds: ids }) => ids.length === 1);
  await first.terminate();
  await untilIs('told', 'Terminated');
  await forgetPlace();
  mockBefore.is = true;
  vending.simulator.inject(
    refuse('ListCreateAccountStatus', 'TooManyRequestsException', { times: 'always' }),
  );
  const between = await vending.begin(aRequest('told'));
  await vending.until(between, ({ history }) =>
    history.some(({ note }) => /earlier run of this request/.test(note ?? '')),
  );
  await between.terminate();
  await untilIs('told', 'Terminated', 2);
  mockBefore.is = false;
  vending.simulator.clearFaults();
  const again = await vending.begin({ ...aRequest('told'), email: 'told-other@example.com' });
  await vending.until(
    again,
    ({ escalation, stage }) => escalation !== undefined || stage === 'done',
  );
  expect(vending.calls('CreateAccount')).toBe(1);
});
