import type { Stage } from '../contract';

const ENDS: readonly string[] = [
  'done',
  'failed',
  'cancelled',
  'abandoned',
] satisfies readonly Stage[];

/** @param stage as a search attribute has it: it may be of a newer version */
export function hasEnded(stage: string): boolean {
  return ENDS.includes(stage);
}
