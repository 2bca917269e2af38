import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { condition } from '@temporalio/workflow';
import { conditionWithin, timeMs } from '../../src/workflows/time';

jest.mock('@temporalio/workflow', () => ({ condition: jest.fn() }));

const SECOND = 1_000;
const answer = condition as unknown as jest.Mock<Promise<boolean>>;

beforeEach(() => jest.useFakeTimers({ now: 1_800_000_000_000 }));
afterEach(() => jest.useRealTimers());

test('a timer that has fired is over, also where the SDK goes on with the time of the task before', async () => {
  const beganMs = timeMs();
  answer.mockResolvedValueOnce(false);
  expect(await conditionWithin(() => false, 441 * SECOND, 'x')).toBe(false);
  expect(Date.now()).toBe(beganMs);
  expect(timeMs()).toBe(beganMs + 441 * SECOND);
  // With the right time again, that one counts.
  jest.setSystemTime(beganMs + 450 * SECOND);
  expect(timeMs()).toBe(beganMs + 450 * SECOND);
});

test('what came before the time was up says nothing about the time', async () => {
  jest.setSystemTime(timeMs() + SECOND);
  const beganMs = timeMs();
  answer.mockResolvedValueOnce(true);
  expect(await conditionWithin(() => true, 60 * SECOND, 'x')).toBe(true);
  expect(timeMs()).toBe(beganMs);
});

test('no timer is of less than a millisecond, and each says what it waits for', async () => {
  answer.mockResolvedValueOnce(false);
  await conditionWithin(() => false, -5, 'until it is due');
  expect(answer).toHaveBeenLastCalledWith(expect.any(Function), 1, { summary: 'until it is due' });
});

test('no workflow asks for the time, or waits for a time, otherwise', () => {
  const folder = resolve(__dirname, '../../src/workflows');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && name !== 'time.ts')
    .map((name) => ({ name, text: readFileSync(join(folder, name), 'utf8') }));
  expect(files.length).toBeGreaterThan(30);
  const asking = files.filter(({ text }) => /Date\.now|new Date\(\)/.test(text));
  // Each `condition` is given what it waits for, and no time.
  const waiting = files.filter(({ text }) =>
    [...text.matchAll(/\bcondition\(([^;]*?)\);/g)].some(([, given = '']) => /,\s*\S/.test(given)),
  );
  expect([...asking, ...waiting].map(({ name }) => name)).toEqual([]);
});
