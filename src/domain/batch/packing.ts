import type { ApplyManifest, VendRequest } from '../../contract';
import { utf8Bytes } from '../shape';
import { Batch } from './batch';
import type { Group, Row } from './batch';

/**
 * What a batch hands to itself when it continues as new. Thousands of rows: what they have in common
 * stands there once. Fields that are added later must be optional.
 */
export interface CarriedBatch {
  name: string;
  groups: Group[];
  rows: CarriedRow[];
}

type CarriedRow = Omit<Row, 'group'> & { g?: number };

export function packBatch(batch: Batch): CarriedBatch {
  const groups: Group[] = [];
  const known = new Map<string, number>();
  const rows = [...batch.rows.values()].map(({ group, ...whole }): CarriedRow => {
    const row = withoutAnswer(whole);
    if (!group) return row;
    const key = JSON.stringify(group);
    let g = known.get(key);
    if (g === undefined) {
      g = groups.push(group) - 1;
      known.set(key, g);
    }
    return { ...row, g };
  });
  return { name: batch.name, groups, rows };
}

export function unpackBatch({ name, groups, rows }: CarriedBatch): Batch {
  return new Batch(
    name,
    rows.map(({ g, ...row }) => {
      const group = g === undefined ? undefined : groups[g];
      return group ? { ...row, group } : row;
    }),
  );
}

/** It follows from the reason, and is told anew. */
function withoutAnswer(row: CarriedRow): CarriedRow {
  if (!row.escalation?.answer) return row;
  const { answer: _, ...escalation } = row.escalation;
  return { ...row, escalation };
}

/** What a row may hold besides its ids once its vend is under way: it must fit then as well. */
const MOST_GROWN = 250;

/** How large that would be, and may become, with what a message brings. */
export function bytesWith(batch: Batch, message: ApplyManifest): number {
  const { groups, rows } = packBatch(batch);
  const { accounts, defaults, requestedBy, there = {} } = message;
  const isNew = (request: VendRequest) => {
    const known = batch.rows.get(request.requestId)?.request;
    return JSON.stringify(known) !== JSON.stringify(request);
  };
  const brought = accounts
    .filter(isNew)
    .map((request): CarriedRow => ({ ...waiting(request.requestId), request }));
  const followed = Object.entries(there)
    .filter(([requestId]) => !batch.rows.has(requestId))
    .map(([requestId, workflowId]): CarriedRow => ({ ...waiting(requestId), workflowId }));
  let bytes = utf8Bytes(JSON.stringify([batch.name, groups, defaults, requestedBy]));
  for (const row of [...rows, ...brought, ...followed]) bytes += mostOf(row);
  return bytes;
}

/** With the number of its group. */
function waiting(requestId: string): CarriedRow {
  return { requestId, status: 'WAITING', g: 10 };
}

function mostOf(row: CarriedRow): number {
  const ids = utf8Bytes(row.requestId) + utf8Bytes(row.workflowId ?? '');
  return Math.max(utf8Bytes(JSON.stringify(row)) + 1, ids + MOST_GROWN);
}
