import type { CreateAccountStatus } from '@aws-sdk/client-organizations';
import { stateQuery } from '../../contract';
import type { Patient } from './patient';

/** Whose the creations in progress are. */
export interface Attribution {
  inProgress: number;
  /** Those that no running vend knows as its own. */
  unknown: CreateAccountStatus[];
  /** Vends that may have one in progress and could not say which: no worker, or a lost answer. */
  silent: number;
}

/** So many vends are asked. A gate lets five create at a time. */
const MOST_ASKED = 40;
const ANSWERS_WITHIN_MS = 3_000;

/** By the ids of their creations (`car-…`), which AWS and vends both know; names tell nothing. */
export async function attribute(patient: Patient): Promise<Attribution> {
  const [creations, vends] = await Promise.all([patient.creations(), patient.creatingVends()]);
  if (creations.length === 0) return { inProgress: 0, unknown: [], silent: 0 };
  const asked = await Promise.all(
    vends.slice(0, MOST_ASKED).map(({ workflowId }) => creationsOf(patient, workflowId)),
  );
  const known = new Set(asked.flatMap(({ ids }) => ids));
  return {
    inProgress: creations.length,
    unknown: creations.filter(({ Id }) => Id === undefined || !known.has(Id)),
    silent:
      asked.filter(({ isSilent }) => isSilent).length + Math.max(0, vends.length - MOST_ASKED),
  };
}

async function creationsOf(
  patient: Patient,
  workflowId: string,
): Promise<{ ids: readonly string[]; isSilent: boolean }> {
  try {
    const state = await patient.ask(({ client }) =>
      client.withDeadline(Date.now() + ANSWERS_WITHIN_MS, () =>
        client.workflow.getHandle(workflowId).query(stateQuery),
      ),
    );
    const ids = state.createAccountRequestIds;
    return { ids, isSilent: state.attempts > ids.length };
  } catch {
    return { ids: [], isSilent: true };
  }
}
