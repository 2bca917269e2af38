/** Whoever answers escalations: looks every other second, mends the cause first, then says retry. */
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const {
  gateResolveUpdate,
  gateWorkflowId,
  resolveUpdate,
  stateQuery,
} = require('../../lib/contract/index.js');

const LOOK_MS = 2_000;
const ESCALATED =
  "WorkflowType = 'vendAccount' AND ExecutionStatus = 'Running' AND VendEscalation IS NOT NULL";
const BY = 'operator';

/** Until the signal; returns how often an answer was carried out, by the reason it answered. */
export async function answerEscalations(run, signal) {
  const answers = {};
  while (!signal.aborted) {
    // What fails, or is refused, is made good at the next look.
    const reasons = await run.temporal.askOnce((client) => answerAll(client, run)).catch(() => []);
    for (const reason of reasons) answers[reason] = (answers[reason] ?? 0) + 1;
    await pause(LOOK_MS);
  }
  return answers;
}

async function answerAll(client, run) {
  const handles = [];
  for await (const { workflowId } of client.workflow.list({ query: ESCALATED })) {
    handles.push(client.workflow.getHandle(workflowId));
  }
  const open = (await fulfilled(handles.map(openEscalation)))
    .filter(({ escalation }) => escalation !== undefined)
    .filter(({ escalation }) => escalation.scope === 'request' || !run.managementIssue);
  const ofVends = open.filter(({ escalation }) => escalation.actions.includes('retry'));
  const ofOrganization = open.filter(
    ({ escalation }) =>
      escalation.scope === 'organization' && !escalation.actions.includes('retry'),
  );
  return fulfilled([
    ...ofVends.map(answerVend),
    // Once, at the gate, for all of them.
    ...ofOrganization.slice(0, 1).map(({ escalation }) => answerGate(client, run, escalation)),
  ]);
}

async function openEscalation(handle) {
  const { escalation } = await handle.query(stateQuery);
  return { handle, escalation };
}

async function answerVend({ handle, escalation: { id: escalationId, reason } }) {
  await handle.executeUpdate(resolveUpdate, { args: [{ action: 'retry', escalationId, by: BY }] });
  return reason;
}

async function answerGate(client, { simulator }, { reason }) {
  const gate = client.workflow.getHandle(gateWorkflowId(simulator.organizationId));
  await gate.executeUpdate(gateResolveUpdate, { args: [{ action: 'retry', by: BY }] });
  return `${reason} of the organization`;
}

async function fulfilled(promises) {
  const settled = await Promise.allSettled(promises);
  return settled.filter(({ status }) => status === 'fulfilled').map(({ value }) => value);
}
