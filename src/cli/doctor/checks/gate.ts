import { setTimeout as pause } from 'node:timers/promises';
import type { WorkflowExecutionInfo } from '@temporalio/client';
import {
  gateStateQuery,
  gateWorkflowId,
  SearchAttribute,
  WorkflowType,
  type GateState,
} from '../../../contract';
import { CommandError } from '../../errors';
import { findGate } from '../../vends/find-gate';
import { isSilence } from '../../silence';
import { isNotFound } from '../../temporal';
import { attribute } from '../attribute';
import { needs, NotLookedAt, type Check, type Finding } from '../finding';
import { judgeGate, type GateLook, type GateVend } from '../judge-gate';
import type { Patient } from '../patient';

/** With --gate: the organization's gate against what Temporal and AWS say. */
export const gateChecks: Check<Patient>[] = [
  { name: "the organization's gate", group: 'Gate', needed: true, run: look },
  { name: 'gates of other organizations', group: 'Gate', needed: false, run: lookForOthers },
];

/** Without --gate: only whether the organization is held back, as Temporal itself knows. */
export const heldBackChecks: Check<Patient>[] = [
  { name: 'whether the organization is held back', group: 'Gate', needed: true, run: lookBriefly },
];

async function lookBriefly(patient: Patient): Promise<Finding[]> {
  const organizationId = await organizationOf(patient);
  const reason = await patient.askInNamespace(async ({ client }) => {
    try {
      const gate = await client.workflow.getHandle(gateWorkflowId(organizationId)).describe();
      if (gate.status.name !== 'RUNNING') return undefined;
      return gate.typedSearchAttributes.get(SearchAttribute.escalation);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  });
  if (reason === undefined) return [];
  const { command } = patient.io;
  return [
    {
      id: 'gate-escalation',
      level: 'stop',
      title: `the organization is held back: ${reason}`,
      detail: `${command} show --organization tells what AWS says, and since when.`,
      fix: `${command} resolve --organization --retry (once the cause is mended)`,
    },
  ];
}

/** Lists lag about a second. */
const SECOND_LOOK_MS = 2_500;
/** A worker that is there answers at once. */
const ANSWERS_WITHIN_MS = 2_500;
/** So many tasks that failed in a row are no hiccup. */
const FAILING_ATTEMPTS = 3;

async function look(patient: Patient): Promise<Finding[]> {
  const organizationId = await organizationOf(patient);
  const first = await lookOnce(patient, organizationId);
  if (typeof first === 'string') return noGate(patient, organizationId);
  if (!('state' in first)) return [first];
  const isQuiet = first.unknown.length === 0 && first.state.waiting === 0;
  if (!isQuiet) await pause(SECOND_LOOK_MS);
  const second = isQuiet ? first : await lookOnce(patient, organizationId);
  if (typeof second === 'string') return noGate(patient, organizationId);
  if (!('state' in second)) return [second];
  // Where AWS does not say, the other groups tell why.
  const creations = await attribute(patient).catch(() => undefined);
  const inProgressAtAws = creations?.inProgress;
  return judgeGate({ ...second, before: first, inProgressAtAws }, patient.io.command, Date.now());
}

/** The credentials' organization; where AWS does not say, the only one that has a gate. */
async function organizationOf(patient: Patient): Promise<string> {
  const known = await patient.organization().catch(() => undefined);
  if (known?.id) return known.id;
  try {
    const gate = await patient.askInNamespace(({ client }) => findGate(client, undefined));
    return gate.organizationId;
  } catch (error) {
    if (error instanceof CommandError) {
      throw new NotLookedAt('AWS does not say which organization it is.', { cause: error });
    }
    throw error;
  }
}

/** What is seen of a running gate; what is wrong with it; or that there is none. */
async function lookOnce(
  patient: Patient,
  organizationId: string,
): Promise<GateLook | Finding | 'none'> {
  const workflowId = gateWorkflowId(organizationId);
  const described = await patient.askInNamespace(async ({ client }) => {
    try {
      return await client.workflow.getHandle(workflowId).describe();
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  });
  if (described?.status.name !== 'RUNNING') return 'none';
  const attempt = described.raw.pendingWorkflowTask?.attempt ?? 0;
  if (attempt >= FAILING_ATTEMPTS) return failing(workflowId, attempt);
  let state: GateState;
  try {
    state = await patient.ask(({ client }) =>
      client.withDeadline(Date.now() + ANSWERS_WITHIN_MS, () =>
        client.workflow.getHandle(workflowId).query(gateStateQuery),
      ),
    );
  } catch (error) {
    if (!isSilence(error)) throw error;
    return silent(organizationId);
  }
  const vends = await creatingVends(patient);
  const shown = [...state.places, ...state.queue].map((one) => one.workflowId);
  const ended = await endedOf(patient, shown);
  return { state, ended, unknown: unknownOf(state, vends) };
}

/** As it is now: the list that other checks share may be older. */
async function creatingVends(patient: Patient): Promise<WorkflowExecutionInfo[]> {
  const { taskQueue } = patient.configuration;
  const query = [
    `WorkflowType = '${WorkflowType.vendAccount}'`,
    `TaskQueue = '${taskQueue}'`,
    `${SearchAttribute.stage.name} IN ('queued', 'creating')`,
    `${SearchAttribute.escalation.name} IS NULL`,
    `ExecutionStatus = 'Running'`,
  ].join(' AND ');
  return patient.ask(async ({ client }) => {
    const vends: WorkflowExecutionInfo[] = [];
    for await (const vend of client.workflow.list({ query, pageSize: 200 })) {
      vends.push(vend);
      if (vends.length >= 500) break;
    }
    return vends;
  });
}

/** Those that create or wait and that the gate does not show; it shows the first fifty of each. */
function unknownOf(state: GateState, vends: readonly WorkflowExecutionInfo[]): GateVend[] {
  const isWhole = {
    creating: state.inProgress <= state.places.length,
    queued: state.waiting <= state.queue.length,
  };
  const shown = new Set([...state.places, ...state.queue].map(({ workflowId }) => workflowId));
  return vends
    .filter(({ workflowId }) => !shown.has(workflowId))
    .map((vend) => ({
      workflowId: vend.workflowId,
      requestId: vend.typedSearchAttributes.get(SearchAttribute.requestId) ?? vend.workflowId,
      stage: vend.typedSearchAttributes.get(SearchAttribute.stage) ?? 'queued',
    }))
    .filter(({ stage }) => (stage === 'creating' ? isWhole.creating : isWhole.queued));
}

/** Which of these do not run any more. */
export async function endedOf(
  patient: Patient,
  workflowIds: readonly string[],
): Promise<Set<string>> {
  const looks = await Promise.all(
    [...new Set(workflowIds)].map(async (workflowId) => {
      const isRunning = await patient.ask(async ({ client }) => {
        try {
          const { status } = await client.workflow.getHandle(workflowId).describe();
          return status.name === 'RUNNING';
        } catch (error) {
          if (isNotFound(error)) return false;
          throw error;
        }
      });
      return { workflowId, isRunning };
    }),
  );
  return new Set(looks.filter(({ isRunning }) => !isRunning).map(({ workflowId }) => workflowId));
}

async function noGate(patient: Patient, organizationId: string): Promise<Finding[]> {
  const vends = await needs(creatingVends(patient), 'Vends could not be listed.');
  if (vends.length === 0) {
    const title = `organization ${organizationId} has no gate yet`;
    const detail = 'It begins with the first vend that wants to create an account.';
    return [{ id: 'gate', level: 'ok', title, detail }];
  }
  return [
    {
      id: 'gate-missing',
      level: 'warning',
      title: `no gate runs, and ${vends.length === 1 ? 'a vend waits or creates' : `${vends.length} vends wait or create`}`,
      detail:
        'Nobody is let through. It heals by itself: vends that wait ask again within 3 min (held back up to 15, in a long queue up to 30), and the first one starts the gate anew.',
      fix: `${patient.io.command} doctor --gate again in 5 min; where it stays so, look at the log of the worker`,
    },
  ];
}

function silent(organizationId: string): Finding {
  return {
    id: 'gate-silent',
    level: 'stop',
    title: `no worker answers for the gate of ${organizationId}`,
    detail: 'Nobody is let through until a worker serves its task queue.',
    fix: 'node lib/worker.js',
  };
}

function failing(workflowId: string, attempt: number): Finding {
  return {
    id: 'gate-failing',
    level: 'stop',
    title: `the gate cannot go on: its task failed ${attempt} times in a row`,
    detail:
      'Nobody is let through. A worker of another version, or a fault of ours: the log of the worker says which.',
    fix: `Start the worker that ran before; or begin anew, which loses nobody: temporal workflow terminate --workflow-id ${workflowId} --reason 'its task fails'`,
  };
}

/** A task queue is of one organization: its worker has the credentials of one. */
async function lookForOthers(patient: Patient): Promise<Finding[]> {
  const { taskQueue } = patient.configuration;
  const organizationId = await needs(
    patient.organization().then(({ id }) => id),
    'AWS does not say which organization it is.',
  );
  const query = `WorkflowType = '${WorkflowType.organizationGate}' AND TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running'`;
  const others = await patient.askInNamespace(async ({ client }) => {
    const ids: string[] = [];
    for await (const { workflowId } of client.workflow.list({ query })) {
      if (workflowId !== gateWorkflowId(organizationId)) ids.push(workflowId);
    }
    return ids;
  });
  if (others.length === 0) return [];
  return [
    {
      id: 'gate-other-organizations',
      level: 'warning',
      title: `task queue ${taskQueue} is used for more than one organization`,
      detail: `${others.join(', ')} run on it as well. Workers with other credentials take each other's tasks, and refuse them (WRONG_ORGANIZATION).`,
      fix: 'Give each organization a taskQueue of its own in the configuration. A gate that nobody needs any more: temporal workflow terminate --workflow-id …',
    },
  ];
}
