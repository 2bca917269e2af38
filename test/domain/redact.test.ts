import { withoutAddresses } from '../../src/domain/redact';

test.each([
  ['ada@example.com', '[hidden]'],
  ['aws+team-a.prod@mail.example.com is taken', '[hidden] is taken'],
  ['E-mail <ada@example.com> and "bob@example.org"', 'E-mail <[hidden]> and "[hidden]"'],
  ['twice: a@b.cd, a@b.cd; (a@b.cd)', 'twice: [hidden], [hidden]; ([hidden])'],
  ['o!#$*/=?^_`{}~-@example.com', '[hidden]'],
])('%s holds an address, and no longer', (text, clean) => {
  expect(withoutAddresses(text)).toBe(clean);
});

test('an address in an ARN of a session is hidden too', () => {
  const clean = withoutAddresses(
    'User: arn:aws:sts::111122223333:assumed-role/Admin/ada@example.com is not authorized',
  );
  expect(clean).not.toContain('ada');
  expect(clean).not.toContain('@');
  expect(clean).toContain('is not authorized');
});

test.each(['', 'no address', 'ou-ab12-11111111', 'every 5 @ once'])('%p stays as it is', (text) => {
  expect(withoutAddresses(text)).toBe(text);
});
