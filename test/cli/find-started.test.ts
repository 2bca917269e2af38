import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { listVends } from '../../src/vends/find-started';

interface Run {
  workflowId: string;
  runId: string;
  status: { name: string };
  type: string;
  startTime: Date;
  typedSearchAttributes: TypedSearchAttributes;
}
const run = (workflowId: string, runId: string, name: string, minute: number): Run => ({
  workflowId,
  runId,
  status: { name },
  type: 'vendAccount',
  startTime: new Date(Date.UTC(2026, 0, 1, 0, minute)),
  typedSearchAttributes: new TypedSearchAttributes(),
});

/**
 * What Temporal lists is a second behind what it knows. That second cannot be had from a server at will, so this one
 * client is made up; all else asks the real one.
 */
function behind(listed: Run[], known: Record<string, Run>): Client {
  const workflow = {
    async *list() {
      yield* listed;
    },
    getHandle: (workflowId: string) => ({
      describe() {
        const found = known[workflowId];
        if (found) return Promise.resolve(found);
        return Promise.reject(new WorkflowNotFoundError('none', workflowId, undefined));
      },
    }),
  };
  return { workflow } as unknown as Client;
}

test('a vend that has just continued as new is found as the run that goes on', async () => {
  const before = run('parent-1', 'a', 'CONTINUED_AS_NEW', 1);
  const now = run('parent-1', 'b', 'RUNNING', 2);
  const refs = await listVends(behind([before], { 'parent-1': now }), 'x');
  expect(refs[0]).toEqual({
    requestId: 'x',
    workflowId: 'parent-1',
    runId: 'b',
    status: 'RUNNING',
  });
});

test('whose next run is listed, or gone, is listed as it is', async () => {
  const before = run('parent-1', 'a', 'CONTINUED_AS_NEW', 1);
  const ended = run('parent-1', 'b', 'COMPLETED', 2);
  const gone = run('parent-2', 'c', 'CONTINUED_AS_NEW', 0);
  const refs = await listVends(behind([before, gone, ended], { 'parent-1': ended }), 'x');
  expect(refs.map(({ runId }) => runId)).toEqual(['b', 'a', 'c']);
});
