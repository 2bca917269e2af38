import { ConfigPace } from '../../src/activities/config-pace';
import type { AwsClients } from '../../src/aws/clients';
import { refuse, withRig } from './rig';

const EVERY_MS = 40;
const ROWS = 'GetOrganizationConformancePackDetailedStatus';
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** When each of so many turns came that were asked for at once. */
function turns(pace: ConfigPace, count: number, region = 'eu-west-1'): Promise<number[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      await pace.turn(region);
      return performance.now();
    }),
  );
}

/** The machine can be slow between a turn and the moment that is noted: half of it is far enough. */
const apart = (ms: number) => ms / 2;

const gapsOf = (times: number[]) => times.slice(1).map((at, index) => at - (times[index] ?? 0));
const closest = (times: number[]) => Math.min(...gapsOf(times));

describe('a region', () => {
  test('is called once in an interval, whoever asks', async () => {
    const start = performance.now();
    const times = await turns(new ConfigPace(EVERY_MS), 6);
    for (const [index, time] of times.entries()) {
      expect(time - start).toBeGreaterThanOrEqual(index * EVERY_MS);
    }
    expect(closest(times)).toBeGreaterThan(apart(EVERY_MS));
  });

  test('saves up nothing while nobody asks', async () => {
    const pace = new ConfigPace(EVERY_MS);
    await pace.turn('eu-west-1');
    await sleep(EVERY_MS * 4);
    expect(closest(await turns(pace, 4))).toBeGreaterThan(apart(EVERY_MS));
  });

  test('makes up for nothing where the worker was busy', async () => {
    const waiting = turns(new ConfigPace(EVERY_MS), 5);
    await sleep(1);
    const busyUntil = performance.now() + EVERY_MS * 3;
    while (performance.now() < busyUntil);
    expect(closest(await waiting)).toBeGreaterThan(apart(EVERY_MS));
  });

  test('is called in the order of asking', async () => {
    const pace = new ConfigPace(3);
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        if (index % 4 === 3) await sleep(1);
        await pace.turn('eu-west-1');
        order.push(index);
      }),
    );
    const atOnce = order.filter((index) => index % 4 !== 3);
    expect(atOnce).toEqual(atOnce.toSorted((a, b) => a - b));
    expect(order.slice(-3)).toEqual([3, 7, 11]);
  });

  test('does not wait for another one', async () => {
    const pace = new ConfigPace(600_000);
    await Promise.all(['eu-west-1', 'us-east-1', 'sa-east-1'].map((region) => pace.turn(region)));
    pace.throttled('eu-west-1');
    await expect(pace.turn('eu-central-1')).resolves.toBeUndefined();
  });
});

describe('throttled', () => {
  test('it is called half as often, and the next time not at once', async () => {
    const pace = new ConfigPace(EVERY_MS);
    await pace.turn('eu-west-1');
    await sleep(EVERY_MS * 2);
    const start = performance.now();
    pace.throttled('eu-west-1');
    const times = await turns(pace, 3);
    for (const [index, time] of times.entries()) {
      expect(time - start).toBeGreaterThanOrEqual((index + 1) * EVERY_MS * 2);
    }
  });

  test('it is so for all who wait already', async () => {
    const pace = new ConfigPace(EVERY_MS);
    await pace.turn('eu-west-1');
    const waiting = turns(pace, 3);
    await sleep(1);
    const start = performance.now();
    pace.throttled('eu-west-1');
    for (const [index, time] of (await waiting).entries()) {
      expect(time - start).toBeGreaterThanOrEqual((index + 1) * EVERY_MS * 2);
    }
  });
});

/** What AWS bears, in its own time. */
describe('over minutes', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  async function timeOf(work: () => Promise<unknown>): Promise<number> {
    const start = performance.now();
    const ends: number[] = [];
    const working = work().then(() => ends.push(performance.now()));
    while (ends.length === 0) await jest.advanceTimersByTimeAsync(1);
    await working;
    return Math.round((ends[0] ?? 0) - start);
  }

  test('a region is called once a second', async () => {
    const pace = new ConfigPace();
    expect(await timeOf(() => turns(pace, 5))).toBe(4_000);
  });

  test('throttled, it becomes slower each time, down to twice a minute', async () => {
    const pace = new ConfigPace();
    const waits = [];
    for (let times = 0; times < 7; times += 1) {
      pace.throttled('eu-west-1');
      waits.push(await timeOf(() => pace.turn('eu-west-1')));
    }
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  test('with each call that AWS takes it becomes quicker again, and never than it was', async () => {
    const pace = new ConfigPace();
    pace.throttled('eu-west-1');
    pace.throttled('eu-west-1');
    await timeOf(() => pace.turn('eu-west-1'));
    const waits = [];
    for (let calls = 0; calls < 10; calls += 1) {
      pace.taken('eu-west-1');
      waits.push(await timeOf(() => pace.turn('eu-west-1')));
    }
    expect(waits.slice(0, 2)).toEqual([4_000, 3_200]);
    expect(waits).toEqual(waits.toSorted((a, b) => b - a));
    expect(waits.slice(-2)).toEqual([1_000, 1_000]);
  });

  test('others are as quick as before', async () => {
    const pace = new ConfigPace();
    pace.throttled('eu-west-1');
    expect(await timeOf(() => turns(pace, 2, 'us-east-1'))).toBe(1_000);
  });
});

describe('the calls that are sent', () => {
  const startRig = withRig();
  const REGIONS = ['eu-west-1', 'us-east-1'];
  const OWNER = '111122223333';

  /** Notes each call when it is sent. */
  function noting(sent: { region: string; at: number }[]): (aws: AwsClients) => AwsClients {
    return (aws) => ({
      ...aws,
      config(region, role) {
        const client = aws.config(region, role);
        if (!Object.hasOwn(client, 'send')) {
          const send = client.send.bind(client);
          const noted = (...args: Parameters<typeof send>) => {
            sent.push({ region, at: performance.now() });
            return send(...args);
          };
          Object.assign(client, { send: noted });
        }
        return client;
      },
    });
  }

  test('of looks, of admissions and of all owners together keep the pace of the region', async () => {
    const sent: { region: string; at: number }[] = [];
    const configEveryMs = 30;
    const rig = await startRig({
      configEveryMs,
      wrap: noting(sent),
      configuration: {
        conformance: { owners: [{ roleArn: `arn:aws:iam::${OWNER}:role/PackReader` }] },
      },
      simulator: {
        organization: {
          accounts: [{ id: OWNER, email: 'owner@example.com' }],
          packs: REGIONS.flatMap((region) => [
            { name: 'Baseline', region },
            { name: 'Theirs', region, ownerAccountId: OWNER },
          ]),
        },
      },
    });
    const accountId = rig.simulator.addAccount({ email: 'new@example.com' });
    const plan = { lists: true, confirm: [accountId], again: [] };
    const look = (region: string) =>
      rig.do.lookAtPacks({
        organizationId: rig.simulator.organizationId,
        region,
        packs: [
          { pack: 'Baseline', ...plan },
          { pack: 'Theirs', owner: OWNER, ...plan },
        ],
        accounts: [accountId],
        withAggregate: true,
        checkMembership: [],
      });
    const request = {
      requestId: 'vend',
      accountName: 'Team A',
      email: 'a@example.com',
      conformance: { regions: REGIONS },
    };
    // The first call of a client takes the machine long.
    for (const region of REGIONS) await look(region);
    sent.length = 0;
    rig.forget();
    rig.simulator.inject({ operation: ROWS, kind: 'reset', times: 3 });
    await Promise.all([
      ...REGIONS.map((region) => look(region)),
      rig.do.admit({ request, scope: 'all' }),
    ]);

    expect(sent).toHaveLength(rig.calls().filter((name) => name.includes('Conformance')).length);
    for (const region of REGIONS) {
      const times = sent.filter((call) => call.region === region).map(({ at }) => at);
      expect(times.length).toBeGreaterThan(12);
      expect(closest(times)).toBeGreaterThan(apart(configEveryMs));
      const whole = (times.at(-1) ?? 0) - (times[0] ?? 0);
      expect(whole).toBeGreaterThan((times.length - 1.5) * configEveryMs);
    }
  });

  test('are fewer as soon as AWS throttles one, and more again with those that it takes', async () => {
    const sent: { region: string; at: number }[] = [];
    const configEveryMs = 20;
    const [region = ''] = REGIONS;
    const rig = await startRig({
      configEveryMs,
      wrap: noting(sent),
      simulator: {
        knobs: { emptyPageRate: 0 },
        organization: { packs: [{ name: 'Baseline', region }] },
      },
    });
    const accounts = Array.from({ length: 8 }, (_, n) =>
      rig.simulator.addAccount({ email: `new-${n}@example.com` }),
    );
    rig.simulator.inject(refuse(ROWS, 'ThrottlingException', { times: 3 }));
    await rig.do.lookAtPacks({
      organizationId: rig.simulator.organizationId,
      region,
      packs: [{ pack: 'Baseline', lists: false, confirm: accounts, again: [], pages: 99 }],
      accounts: [],
      withAggregate: false,
      checkMembership: [],
    });
    const gaps = gapsOf(sent.map(({ at }) => at));
    expect(gaps).toHaveLength(10);
    for (const [index, slower] of [2, 4, 8].entries()) {
      expect(gaps[index]).toBeGreaterThan((slower - 0.5) * configEveryMs);
    }
    // The shortest of the last: a busy machine makes any of them longer.
    expect(Math.min(...gaps.slice(-3))).toBeLessThan(0.75 * (gaps[2] ?? 0));
  });
});
