import { addressText, listenAddress } from '../../src/runtime/listen-address';
import { metricsSettings } from '../../src/runtime/metrics/settings';

test.each([
  ['9464', '127.0.0.1:9464'],
  [' 9464 ', '127.0.0.1:9464'],
  ['localhost:9464', '127.0.0.1:9464'],
  ['0.0.0.0:9464', '0.0.0.0:9464'],
  ['[::1]:9464', '[::1]:9464'],
])('%j listens on %s', (given, address) => {
  const listen = listenAddress({ WHERE: given }, 'WHERE');
  expect(listen && addressText(listen)).toBe(address);
});

test('not set, or empty: nothing listens', () => {
  expect(listenAddress({}, 'WHERE')).toBeUndefined();
  expect(listenAddress({ WHERE: ' ' }, 'WHERE')).toBeUndefined();
  expect(metricsSettings({ VEND_METRICS_EVERY: '1s' })).toBeUndefined();
});

test.each([
  'yes',
  ':9464',
  'worker:9464',
  '0',
  '70000',
  '127.0.0.1',
  '127.0.0.1:',
  '::1:9464',
  '[127.0.0.1',
  '1.2.3:80',
  'http://127.0.0.1:80',
])('%j is refused, with the variable and what it takes', (given) => {
  const problem = expect.objectContaining({
    name: 'StartProblem',
    exitStatus: 2,
    message: expect.stringMatching(/^WHERE is .+ and must be a port/),
  });
  expect(() => listenAddress({ WHERE: given }, 'WHERE')).toThrow(problem);
});

test('metrics are read every minute unless told, never without a pause, and never so seldom that alerts mistake it', () => {
  const at = (every?: string) =>
    metricsSettings({
      VEND_METRICS_ADDRESS: '9464',
      ...(every === undefined ? {} : { VEND_METRICS_EVERY: every }),
    });
  expect(at()).toMatchObject({ address: '127.0.0.1:9464', everyMs: 60_000 });
  expect(at('30s')?.everyMs).toBe(30_000);
  expect(at('5m')?.everyMs).toBe(300_000);
  for (const bad of ['0s', '5', 'often', '10ms', '301s', '15m']) {
    expect(() => at(bad)).toThrow(`VEND_METRICS_EVERY is ${bad}, and must be`);
  }
});
