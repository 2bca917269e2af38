import type { ApplyManifest, VendRequest } from '../../contract';
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
  const rows = [...batch.rows.values()].map(({ group, ...row }): CarriedRow => {
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

/** How large that would be, with what a message brings. */
export function bytesWith(batch: Batch, message: ApplyManifest): number {
  const isNew = (request: VendRequest) => {
    const known = batch.rows.get(request.requestId)?.request;
    return JSON.stringify(known) !== JSON.stringify(request);
  };
  const brought = [message.accounts.filter(isNew), message.defaults, message.there];
  return JSON.stringify(packBatch(batch)).length + JSON.stringify(brought).length;
}
