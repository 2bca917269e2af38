import {
  FINALIZING,
  HOURLY_MS,
  REFUSED_PATIENCE_MS,
  growingDelay,
  refusedDelay,
} from '../../src/domain/pacing';

const HOUR = 3_600_000;

describe('a growing interval', () => {
  const poll = { initialMs: 3_000, factor: 1.5, maxMs: 30_000 };

  test('begins early, grows, and stays at its longest', () => {
    const delays = Array.from({ length: 10 }, (_, n) => growingDelay(poll, n));
    expect(delays).toEqual([
      3_000, 4_500, 6_750, 10_125, 15_188, 22_781, 30_000, 30_000, 30_000, 30_000,
    ]);
  });

  test('a wait of months neither overflows nor stops', () => {
    for (const n of [64, 65, 10_000, Number.MAX_SAFE_INTEGER]) {
      expect(growingDelay(poll, n)).toBe(30_000);
      expect(growingDelay({ ...poll, factor: 1 }, n)).toBe(3_000);
    }
  });

  test('never longer than its longest, even at the first', () => {
    expect(growingDelay({ initialMs: 60_000, factor: 2, maxMs: 30_000 }, 0)).toBe(30_000);
  });
});

describe('the pause after AWS refused for the moment', () => {
  test('gives the bucket of CreateAccount the time to refill a token', () => {
    expect(refusedDelay(0, 0.5)).toBe(10_000);
  });

  test('vends that were refused together do not come back together', () => {
    const first = [0, 0.25, 0.5, 0.75, 1].map((random) => refusedDelay(0, random));
    expect(first).toEqual([7_500, 8_750, 10_000, 11_250, 12_500]);
  });

  test('stays between five seconds and a bit over a minute', () => {
    for (const n of [0, 1, 5, 20, 1_000]) {
      for (const random of [0, 0.5, 0.999]) {
        expect(refusedDelay(n, random)).toBeGreaterThanOrEqual(5_000);
        expect(refusedDelay(n, random)).toBeLessThanOrEqual(75_000);
      }
    }
  });
});

test('refused calls are repeated for an hour, then a person is asked', () => {
  expect(REFUSED_PATIENCE_MS).toBe(HOUR);
});

test('an organization being finalized is tried every five minutes for ninety', () => {
  expect(FINALIZING).toEqual({ everyMs: 300_000, forMs: 5_400_000 });
});

test('the daily limit is looked at hourly', () => {
  expect(HOURLY_MS).toBe(HOUR);
});
