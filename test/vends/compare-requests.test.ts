import { compareRequests } from '../../src/vends/compare-requests';

const first = { requestId: 'a', accountName: 'A', email: 'a@example.com' };

test('the same, whatever the case of the address and with the default said or not', () => {
  const again = { ...first, email: 'A@Example.com', kind: 'standard' } as const;
  expect(compareRequests(again, [first])).toEqual({ conflicts: [], changed: [] });
});

test('identity conflicts, the rest is told', () => {
  const other = {
    ...first,
    accountName: 'B',
    email: 'b@example.com',
    kind: 'govcloud',
    organizationId: 'o-abcdefghij',
    tags: { Team: 'A' },
    organizationalUnit: 'Prod',
  } as const;
  const { conflicts, changed } = compareRequests(other, [first]);
  expect(conflicts.sort()).toEqual(['accountName', 'email', 'kind', 'organizationId']);
  expect(changed).toEqual(['organizationalUnit', 'tags']);
});

test('what was amended is equal in both spellings', () => {
  const amended = { ...first, email: 'b@example.com' };
  const known = [first, amended];
  expect(compareRequests(first, known).conflicts).toEqual([]);
  expect(compareRequests(amended, known).conflicts).toEqual([]);
  expect(compareRequests({ ...first, email: 'c@example.com' }, known).conflicts).toEqual(['email']);
});

test('the order of keys is no difference', () => {
  const tags = { a: '1', b: '2' };
  const before = { ...first, tags: { b: '2', a: '1' } };
  expect(compareRequests({ ...first, tags }, [before]).changed).toEqual([]);
});
