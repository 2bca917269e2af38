import type { createAwsClients } from '../../src/aws/clients';
import type { FaultRule } from '../../src/simulator';
import { asked, creates, expectAsAsked, followed, withCases } from './support';

// The mistake of this file: one client for reads and writes, with the SDK's own three attempts.
const mockMistake = { isMade: false };
jest.mock('../../src/aws/clients', () => {
  const real = jest.requireActual<{ createAwsClients: typeof createAwsClients }>(
    '../../src/aws/clients',
  );
  return {
    createAwsClients: (...settings: Parameters<typeof createAwsClients>) => {
      const clients = real.createAwsClients(...settings);
      if (!mockMistake.isMade) return clients;
      return {
        ...clients,
        writersFor: () => ({ ...clients.writersFor(), organizationsWrite: clients.organizations }),
      };
    },
  };
});

const { start } = withCases();
const reset: FaultRule = { operation: 'CreateAccount', kind: 'reset', phase: 'after' };

afterEach(() => {
  mockMistake.isMade = false;
  delete process.env['AWS_MAX_ATTEMPTS'];
  delete process.env['AWS_RETRY_MODE'];
});

test('case 5 · the environment asks the SDK for five attempts: CreateAccount is sent once all the same', async () => {
  Object.assign(process.env, { AWS_MAX_ATTEMPTS: '5', AWS_RETRY_MODE: 'standard' });
  const vending = await start();
  vending.simulator.inject(reset);
  const request = asked('once');
  const result = await followed(vending, await vending.begin(request));
  expect(creates(vending)).toHaveLength(1);
  expectAsAsked(vending, [request, result]);
});

describe('case 5 · the SDK sends one creation three times: one account, the FAILED siblings are ignored', () => {
  test.each<[string, number]>([
    ['the third answer arrives, of a creation that will fail', 2],
    ['no answer arrives at all', 3],
  ])('%s', async (_what, times) => {
    mockMistake.isMade = true;
    const vending = await start({ simulator: { knobs: { creationMs: 20_000 } } });
    vending.simulator.inject({ ...reset, times });
    const request = asked('thrice');
    const handle = await vending.begin(request);
    const result = await followed(vending, handle);
    const calls = creates(vending);
    expect(calls.map(({ committed }) => committed)).toEqual([true, true, true]);
    expect(new Set(calls.map(({ invocationId }) => invocationId)).size).toBe(1);
    const { requests } = vending.simulator.snapshot();
    expect(requests.map(({ state }) => state)).toEqual(['SUCCEEDED', 'FAILED', 'FAILED']);
    expect(result).toMatchObject({ accountId: requests[0]?.accountId, adopted: true });
    expect(result.createAccountRequestIds).toContain(requests[0]?.id);
    expectAsAsked(vending, [request, result]);
  });
});
