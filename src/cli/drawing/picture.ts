import type { Canvas } from './canvas';
import type { Io } from '../io';
import type { Look } from '../vends/look';
import { briefBlock, vendBlock } from './vend-block';
import { vendTable } from './vend-table';

/** More are easier to read as a table. */
const BLOCKS = 4;

/** The most telling picture that fits the terminal. One vend is always told in full. */
export function picture(io: Io, looks: readonly Look[], canvas: Canvas): string[] {
  if (looks.length === 1) return looks.flatMap((look) => vendBlock(io, look, canvas));
  if (looks.length <= BLOCKS) {
    for (const block of [vendBlock, briefBlock]) {
      const lines = looks.flatMap((look, index) => [
        ...(index > 0 && block === vendBlock ? [''] : []),
        ...block(io, look, canvas),
      ]);
      if (lines.length <= canvas.rows) return lines;
    }
  }
  return vendTable(io, looks, canvas);
}
