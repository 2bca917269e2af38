import { isNowhere, leadsNowhere } from '../../src/config/link-local';

test.each([
  'https://169.254.169.254/latest/meta-data/',
  'https://169.254.170.2/v2/credentials',
  'https://2852039166/',
  'https://0xa9fea9fe/',
  'https://0251.0376.0251.0376/',
  'https://[::ffff:169.254.169.254]/',
  'https://[::ffff:a9fe:a9fe]/',
  'https://[64:ff9b::a9fe:a9fe]/',
  'https://[2002:a9fe:a9fe::]/',
  'https://[::a9fe:a9fe]/',
  'https://[fe80::1]/',
  'https://[fd00:ec2::254]/',
  'https://0.0.0.0/',
  'https://[::]/',
  'https://239.1.1.1/',
  'https://[ff02::1]/',
])('%s is no receiver', async (url) => {
  expect(isNowhere(url)).toBe(true);
  await expect(leadsNowhere(url)).resolves.toBe(true);
});

test.each([
  'https://hooks.example.com/x',
  'https://10.0.0.1/x',
  'https://192.168.1.1:8443/',
  'https://[fd12:3456::1]/',
  'https://[64:ff9b::a00:1]/',
  'https://[2002:a00:1::]/',
  'http://127.0.0.1:9000/',
  'http://[::1]/',
  'no url',
])('%s may be one', (url) => {
  expect(isNowhere(url)).toBe(false);
});

test('a name is looked up each time: what it leads to counts', async () => {
  const to =
    (...addresses: string[]) =>
    () =>
      Promise.resolve(addresses.map((address) => ({ address })));
  const url = 'https://hooks.example.com/x';
  await expect(leadsNowhere(url, to('10.0.0.1', '2001:db8::1'))).resolves.toBe(false);
  await expect(leadsNowhere(url, to('10.0.0.1', '169.254.169.254'))).resolves.toBe(true);
  await expect(leadsNowhere(url, to('::ffff:169.254.169.254'))).resolves.toBe(true);
  await expect(leadsNowhere(url, () => Promise.reject(new Error('ENOTFOUND')))).resolves.toBe(
    false,
  );
});
