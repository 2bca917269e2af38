import { StartProblem } from '../../src/runtime/start-problem';
import { simulatorPaceMs } from '../../src/runtime/simulator-pace';

const HERE = 'http://127.0.0.1:4566';

function problemOf(env: NodeJS.ProcessEnv): StartProblem {
  try {
    simulatorPaceMs(env);
  } catch (error) {
    if (error instanceof StartProblem) return error;
    throw error;
  }
  throw new Error('It was taken.');
}

test.each([{}, { AWS_ENDPOINT_URL: HERE }, { VEND_SIMULATOR_PACE: '' }])(
  'not asked for, AWS keeps its own: %j',
  (env) => {
    expect(simulatorPaceMs(env)).toBeUndefined();
  },
);

test.each([
  HERE,
  `${HERE}/`,
  'http://127.0.0.1',
  'https://127.3.2.1:4566/path',
  'http://localhost:4566',
  'http://[::1]:4566',
])('is taken for a simulator at %s', (AWS_ENDPOINT_URL) => {
  expect(simulatorPaceMs({ VEND_SIMULATOR_PACE: '20ms', AWS_ENDPOINT_URL })).toBe(20);
});

test.each([
  undefined,
  '',
  'https://config.us-east-1.amazonaws.com',
  'http://192.0.2.7:4566',
  'http://0.0.0.0:4566',
  'http://localhost.example.com:4566',
  'http://127.0.0.1.example.com',
  'http://localhost:4566@example.com',
  'http://example.com/http://127.0.0.1:4566',
  '127.0.0.1:4566',
])('is refused where calls go to %j', (AWS_ENDPOINT_URL) => {
  const problem = problemOf({ VEND_SIMULATOR_PACE: '20ms', AWS_ENDPOINT_URL });
  expect(problem.exitStatus).toBe(2);
  expect(problem.message).toMatch(/VEND_SIMULATOR_PACE.*AWS_ENDPOINT_URL/);
});

test('is refused where the endpoint of AWS Config alone is another one', () => {
  const env = { VEND_SIMULATOR_PACE: '20ms', AWS_ENDPOINT_URL: HERE };
  const elsewhere = 'https://config.us-east-1.amazonaws.com';
  expect(problemOf({ ...env, AWS_ENDPOINT_URL_CONFIG_SERVICE: elsewhere }).exitStatus).toBe(2);
  expect(simulatorPaceMs({ ...env, AWS_ENDPOINT_URL_CONFIG_SERVICE: HERE })).toBe(20);
});

test.each(['20', 'soon', '-1s', '1 s', '20ms ', 'NaNms', '1e3ms'])(
  'is refused as no duration: %j',
  (VEND_SIMULATOR_PACE) => {
    const problem = problemOf({ VEND_SIMULATOR_PACE, AWS_ENDPOINT_URL: HERE });
    expect(problem.exitStatus).toBe(2);
    expect(problem.message).toContain('VEND_SIMULATOR_PACE must be a duration');
  },
);
