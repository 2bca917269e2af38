import { CreateAccountFailureReason } from '@aws-sdk/client-organizations';
import { createActivities } from '../../src/activities';
import { OwnReason, Stage, VendFailure, WorkflowType } from '../../src/contract';
import { FAILURE_REASONS } from '../../src/domain/dispositions';
import { testBundle } from '../support/temporal';
import { recordedBy, releases, replay, silentRuntime } from './corpus';
import { factsOf, textsOf } from './facts';

// Histories that releases have left behind, as a deployment meets them when it is upgraded. How they
// are made, and what to do when one breaks: CONTRIBUTING.md.

silentRuntime();
const all = releases().map((release) => ({ release, histories: recordedBy(release) }));
const newest = all.at(-1)?.histories ?? [];
const facts = newest.map((one) => ({ name: one.name, ...factsOf(one) }));

test.each(all)(
  'all that $release has left behind replays',
  async ({ histories }) => {
    expect(histories.length).toBeGreaterThan(50);
    const broken = await replay(testBundle(), histories);
    expect([...broken].map(([name, why]) => `${name}: ${why}`)).toEqual([]);
  },
  // Ten seconds of pure work, on cores that the other tests want as well.
  240_000,
);

const among = (wanted: readonly string[], there: readonly string[]) => ({
  missing: wanted.filter((one) => !there.includes(one)),
});
const NONE = { missing: [] };

describe('the newest release has a history of', () => {
  test('each reason for which AWS fails a creation, and each of our own', () => {
    const said = facts.flatMap(({ escalations }) => escalations);
    expect(among(Object.values(CreateAccountFailureReason), said)).toEqual(NONE);
    expect(among(Object.keys(FAILURE_REASONS), said)).toEqual(NONE);
    expect(among(Object.values(OwnReason), said)).toEqual(NONE);
  });

  test('each stage, and one of a vend that is still in it', () => {
    const vends = facts.filter(({ workflowType }) => workflowType === WorkflowType.vendAccount);
    const passed = vends.flatMap(({ stages }) => stages);
    expect(among(Object.values(Stage), ['queued', ...passed])).toEqual(NONE);
    const waiting = vends.filter(({ end }) => !end).map(({ stages }) => stages.at(-1) ?? '');
    const before: Stage[] = ['done', 'cancelled', 'failed', 'abandoned'];
    const open = Object.values(Stage).filter((stage) => !before.includes(stage));
    expect(among(open, waiting)).toEqual(NONE);
  });

  test('each stage in which it was cancelled', () => {
    const where = facts.map(({ cancelledIn = '' }) => cancelledIn);
    const stages = ['approving', 'queued', 'creating', 'placing', 'readying', 'settling'];
    expect(among([...stages, 'conforming'], where)).toEqual(NONE);
  });

  test('each answer, as an update and as a signal, and a refused one', () => {
    const answers = facts.flatMap((one) => one.answers);
    const wanted = [
      'resolve retry by update',
      'resolve retry by signal',
      'resolve amend by update',
      'resolve adopt by update',
      'resolve adopt refused',
      'resolve waive pack by update',
      'resolve waive placing by update',
      'resolve waive readying by update',
      'resolve waive settling by update',
      'resolve abandon by update',
      'resolve abandon by signal',
      'approve by update',
      'approve by signal',
      'reject by update',
      'reject by signal',
      'apply by update',
    ];
    expect(among(wanted, answers)).toEqual(NONE);
    const ofGate = facts
      .filter(({ workflowType }) => workflowType === WorkflowType.organizationGate)
      .flatMap((one) => one.answers);
    expect(among(['resolve retry by update', 'resolve retry by signal'], ofGate)).toEqual(NONE);
  });

  test('each failure that a caller sees', () => {
    const failures = facts.map(({ failure = '' }) => failure);
    expect(among(Object.values(VendFailure), failures)).toEqual(NONE);
  });

  test('each workflow type under way, and each that ends at its end', () => {
    const open = facts.filter(({ end }) => !end).map(({ workflowType }) => workflowType);
    expect(among(Object.values(WorkflowType), open)).toEqual(NONE);
    const ended = facts
      .filter(({ end }) => end === 'WORKFLOW_EXECUTION_COMPLETED')
      .map(({ workflowType }) => workflowType);
    expect(among(['vendAccount', 'vendBatch', 'deliverNotification'], ended)).toEqual(NONE);
  });

  test('both runs of whatever continues as new', () => {
    const types = ['vendAccount', 'organizationGate', 'conformanceWatch', 'vendBatch'];
    const first = facts
      .filter(({ end }) => end === 'WORKFLOW_EXECUTION_CONTINUED_AS_NEW')
      .map(({ workflowType }) => workflowType);
    const second = facts
      .filter(({ isContinued }) => isContinued)
      .map(({ workflowType }) => workflowType);
    expect({ first: among(types, first), second: among(types, second) }).toEqual({
      first: NONE,
      second: NONE,
    });
  });

  test('a run that was reset', () => {
    expect(facts.filter(({ isReset }) => isReset)).not.toEqual([]);
  });

  test('each activity', () => {
    const done = facts.flatMap(({ activities }) => activities);
    const deps = { configuration: { conformance: { owners: [] } } };
    const activities = createActivities(deps as never);
    expect(among(Object.keys(activities), done)).toEqual(NONE);
  });

  test('no local activity: docs/decisions/0006-no-local-activities.md', () => {
    expect(facts.filter(({ hasLocalActivities }) => hasLocalActivities)).toEqual([]);
  });
});

test.each(all)('$release: nobody is in it but examples', ({ histories }) => {
  for (const history of histories) {
    const texts = textsOf(history);
    const addresses = texts.match(/[\w.+-]+@[a-z][\w.-]*/gi) ?? [];
    const foreign = addresses.filter((one) => !/@example\.(?:com|org|net)$/.test(one));
    expect({ [history.name]: foreign }).toEqual({ [history.name]: [] });
    expect(texts).not.toMatch(/"identity"|"stackTrace":"[^"]|\/home\/|\/tmp\/|\/Users\//);
  }
});
