import * as fc from 'fast-check';
import {
  FIRST_SILENCE_MS,
  silenceAfterAnswer,
  silenceAfterAsking,
} from '../../../src/domain/watch/silence';
import { HOUR, MINUTE } from './support';

test('a watch that never answers is asked ever more seldom, up to once an hour', () => {
  const silences = [FIRST_SILENCE_MS];
  for (let asked = 0; asked < 9; asked += 1)
    silences.push(silenceAfterAsking(silences.at(-1) ?? 0));
  expect(silences.slice(0, 4)).toEqual([5, 7.5, 11.25, 16.875].map((minutes) => minutes * MINUTE));
  expect(silences).toEqual(silences.toSorted((one, other) => one - other));
  expect(silences.at(-1)).toBe(HOUR);
});

test('one that answers is told every 15 minutes to an hour, or as seldom as it says', () => {
  expect(silenceAfterAnswer(FIRST_SILENCE_MS)).toBe(15 * MINUTE);
  expect(silenceAfterAnswer(silenceAfterAsking(15 * MINUTE))).toBe(22.5 * MINUTE);
  expect(silenceAfterAnswer(HOUR, 5.5 * HOUR)).toBe(5.5 * HOUR);
  // It has fewer to hear now.
  expect(silenceAfterAnswer(5.5 * HOUR)).toBe(HOUR);
});

test('whatever it has said before, one that does not answer is asked no sooner for that', () => {
  const wish = fc.option(fc.integer({ min: 15 * MINUTE, max: 330 * MINUTE }));
  fc.assert(
    fc.property(fc.array(wish), fc.integer({ min: 1, max: 9 }), (answers, unheard) => {
      let silence = FIRST_SILENCE_MS;
      for (const wished of answers) {
        silence = silenceAfterAnswer(silenceAfterAsking(silence), wished ?? undefined);
      }
      for (let asked = 0; asked < unheard; asked += 1) {
        const next = silenceAfterAsking(silence);
        expect(next).toBeGreaterThanOrEqual(silence);
        silence = next;
      }
      expect(silence).toBeLessThanOrEqual(5.5 * HOUR);
    }),
  );
});
