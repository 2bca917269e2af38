import { withAsked } from '../../src/domain/earlier-run';

const a = { email: 'a@example.com', accountName: 'A' };
const b = { email: 'b@example.com', accountName: 'A' };

test('each that was asked for is kept once, whatever its case, and nothing else of a request', () => {
  const again = { ...a, email: 'A@Example.com', requestId: 'x', tags: {} };
  expect(withAsked([a], [b, again, b])).toEqual([{ email: 'A@Example.com', accountName: 'A' }, b]);
  expect(withAsked(undefined, [])).toEqual([]);
});

test('amending to and fro drops none of the others', () => {
  let asked = [a];
  for (let n = 0; n < 500; n += 1) {
    asked = withAsked(asked, [b, { email: 'c@example.com', accountName: 'A' }]) as (typeof a)[];
  }
  expect(asked).toHaveLength(3);
  expect(asked[0]).toEqual(a);
});

test('a caller that asks for another address each time fills nothing', () => {
  const many = Array.from({ length: 5_000 }, (_, n) => ({ email: `${n}@example.com` }));
  expect(withAsked([], many)).toHaveLength(50);
  expect(withAsked([], many).at(-1)).toEqual(many.at(-1));
});
