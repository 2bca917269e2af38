import * as fc from 'fast-check';
import { nextReminderAtMs, takeNews } from '../../src/domain/asking';
import type { Asked, News, Open } from '../../src/domain/asking';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const one: Open = { id: 'e1', occasion: 'escalated' };
const two: Open = { id: 'e2', occasion: 'escalated' };
const say = (news: News[]) =>
  news.map((it) => `${it.open.id} ${it.is}${it.is === 'reminder' ? ` ${it.reminder}` : ''}`);

test('told once, again after a day, and when it is over', () => {
  const asked: Asked[] = [];
  const at = (open: Open[], ms: number) => say(takeNews(asked, open, DAY, ms));
  expect(at([one], 0)).toEqual(['e1 opened']);
  expect(nextReminderAtMs(asked)).toBe(DAY);
  expect(at([one], DAY - 1)).toEqual([]);
  expect(at([one], DAY)).toEqual(['e1 reminder 1']);
  expect(at([one], DAY + 1)).toEqual([]);
  expect(at([one, two], 2 * DAY)).toEqual(['e1 reminder 2', 'e2 opened']);
  expect(at([two], 2 * DAY)).toEqual(['e1 over']);
  expect(at([], 2 * DAY)).toEqual(['e2 over']);
  expect(at([], 9 * DAY)).toEqual([]);
  expect(nextReminderAtMs(asked)).toBe(Infinity);
});

test('after a long outage there is one reminder, and the next one a day later', () => {
  const asked: Asked[] = [];
  takeNews(asked, [one], DAY, 0);
  expect(say(takeNews(asked, [one], DAY, 5.5 * DAY))).toEqual(['e1 reminder 1']);
  expect(nextReminderAtMs(asked)).toBe(6.5 * DAY);
});

test('what nobody heeds is told ever more seldom: a history must not grow without end', () => {
  const asked: Asked[] = [];
  takeNews(asked, [one], 1, 0);
  let reminders = 0;
  for (let now = 0; now < 365 * DAY; now = nextReminderAtMs(asked)) {
    reminders += takeNews(asked, [one], 1, now).length;
  }
  expect(reminders).toBeGreaterThan(500);
  expect(reminders).toBeLessThan(50 * 64);
  // At the usual pace nobody notices for weeks.
  const daily: Asked[] = [];
  takeNews(daily, [one], DAY, 0);
  const days = Array.from({ length: 45 }, (_, day) => takeNews(daily, [one], DAY, (day + 1) * DAY));
  expect(days.every((news) => news.length === 1)).toBe(true);
});

test('what is over is told as it stood last', () => {
  const asked: Asked[] = [];
  const escalation = (attempts: number) =>
    ({ ...one, escalation: { reason: 'X', attempts } }) as unknown as Open;
  takeNews(asked, [escalation(1)], DAY, 0);
  takeNews(asked, [escalation(7)], DAY, 1);
  expect(takeNews(asked, [], DAY, 2)).toMatchObject([
    { is: 'over', open: { escalation: { attempts: 7 } } },
  ]);
});

test('whatever happens: opened and over take turns, and reminders come only between them', () => {
  const step = fc.record({
    open: fc.subarray([one, two]),
    ms: fc.integer({ min: 0, max: 3 * DAY }),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const asked: Asked[] = [];
      const isOpen = new Map<string, boolean>();
      let now = 0;
      for (const { open, ms } of steps) {
        now += ms;
        for (const news of takeNews(asked, open, DAY, now)) {
          const was = isOpen.get(news.open.id) ?? false;
          expect(news.is === 'opened').toBe(!was);
          isOpen.set(news.open.id, news.is !== 'over');
        }
        for (const { id } of [one, two]) {
          expect(isOpen.get(id) ?? false).toBe(open.some((it) => it.id === id));
        }
      }
    }),
  );
});
