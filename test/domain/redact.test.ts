import { onOneLine, withoutAddresses, withoutPersonal } from '../../src/domain/redact';

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

test('a long text takes no longer than its length: with an @, without one, and with nothing else', () => {
  const began = Date.now();
  for (const text of ['a'.repeat(1_000_000), `${'a'.repeat(1_000_000)} @`, '@'.repeat(1_000_000)]) {
    expect(withoutAddresses(text)).toBe(text);
  }
  expect(withoutAddresses(`${'a'.repeat(1_000_000)}@example.com`)).toBe('[hidden]');
  expect(Date.now() - began).toBeLessThan(5_000);
});

test('of words with several @ nothing is left', () => {
  expect(withoutAddresses('to ada@example.com@proxy.test, now')).toBe('to [hidden], now');
});

test('a name with something like an address in it is hidden as a whole', () => {
  const text = 'Payments ops@corp is not needed, nor ada@example.com';
  expect(withoutPersonal(text, 'Payments ops@corp')).toBe('[hidden] is not needed, nor [hidden]');
  expect(withoutPersonal(text, '  ')).toBe('Payments [hidden] is not needed, nor [hidden]');
});

test('what others wrote is one line', () => {
  expect(onOneLine('x\n\n### Needs a person\r\n\u2028- `vend` y')).toBe(
    'x ### Needs a person - `vend` y',
  );
  expect(onOneLine('one  line\tas it is')).toBe('one  line\tas it is');
});
