import { simulatedAws, withoutSettings } from '../../src/local/isolated';

test('only an AWS on this machine is accepted', () => {
  expect(simulatedAws('http://127.0.0.1:4566')).toMatchObject({
    AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
  });
  expect(() => simulatedAws('http://[::1]:4566')).not.toThrow();
  for (const endpoint of ['https://organizations.us-east-1.amazonaws.com', 'http://10.0.0.1:1']) {
    expect(() => simulatedAws(endpoint)).toThrow(/not on this machine/);
  }
});

test('nothing is left that leads to a real AWS, or to a Temporal of others', () => {
  const left = withoutSettings({
    PATH: '/bin',
    AWS_PROFILE: 'production',
    AWS_ENDPOINT_URL_ORGANIZATIONS: 'https://example.com',
    aws_ignore_configured_endpoint_urls: 'true',
    TEMPORAL_ADDRESS: 'temporal.example.com:7233',
    VEND_CONFIG: 'vending.yaml',
  });
  expect(left).toEqual({ PATH: '/bin' });
});
