import { WorkflowType } from '../../src/contract';
import { StartProblem } from '../../src/runtime/start-problem';
import { workerVersion } from '../../src/runtime/worker-version';
import * as versioned from '../../src/workflows/versioned';

const NAME = 'TEMPORAL_DEPLOYMENT_NAME';
const BUILD_ID = 'TEMPORAL_WORKER_BUILD_ID';

test('both: worker versioning is on, with that version', () => {
  expect(workerVersion({ [NAME]: 'account-vending', [BUILD_ID]: ' 1.2.3-abc ' })).toEqual({
    deploymentName: 'account-vending',
    buildId: '1.2.3-abc',
  });
});

test('neither, or empty ones: it is off', () => {
  expect(workerVersion({})).toBeUndefined();
  expect(workerVersion({ [NAME]: '', [BUILD_ID]: '' })).toBeUndefined();
});

test.each([
  [NAME, BUILD_ID],
  [BUILD_ID, NAME],
])('%s alone is refused, and the other one named', (given, missing) => {
  const problem = (() => {
    try {
      return workerVersion({ [given]: 'given' });
    } catch (error) {
      return error as StartProblem;
    }
  })();
  expect(problem).toBeInstanceOf(StartProblem);
  expect(problem).toMatchObject({
    exitStatus: 2,
    message: expect.stringContaining(`Set ${missing} as well`),
  });
});

test.each(['a.b', 'a:b'])('a deployment name that Temporal does not take: %s', (name) => {
  expect(() => workerVersion({ [NAME]: name, [BUILD_ID]: '1' })).toThrow(/must have no "\." and/);
});

/** What the SDK has put down on a workflow. */
interface WithOptions {
  workflowDefinitionOptions?: { versioningBehavior?: string };
}

test('each workflow says what becomes of it on a new version', () => {
  const workflows: Record<keyof typeof WorkflowType, object> = { ...versioned };
  const behaviors = Object.values(WorkflowType).map((type) => {
    const { workflowDefinitionOptions: its } = workflows[type] as WithOptions;
    return [type, its?.versioningBehavior];
  });
  expect(Object.fromEntries(behaviors)).toEqual({
    vendAccount: 'PINNED',
    deliverNotification: 'PINNED',
    organizationGate: 'AUTO_UPGRADE',
    conformanceWatch: 'AUTO_UPGRADE',
    vendBatch: 'AUTO_UPGRADE',
  });
});
