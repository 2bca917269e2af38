/** Rows as aligned lines, two spaces between columns. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = widthsOf(rows);
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}

const GAP = '  ';

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  return widths;
}

/** A column of a table that may have to become narrower. */
export interface Column<Name extends string = string> {
  name: Name;
  /** How wide its widest cell is, its title included. */
  width: number;
  /** The first to go has the highest; without it the column always stays. */
  goes?: number;
  /** It may be cut down to so much before it goes; what people type is never cut. */
  least?: number;
}

/**
 * The columns that fit beside each other, with the widths they get. Where not even those that always
 * stay fit, they keep their width: a wrapped line is better than half an id.
 */
export function fitColumns<C extends Column>(columns: readonly C[], width: number): C[] {
  const least = (all: readonly C[]) =>
    all.reduce((sum, column) => sum + narrowest(column) + GAP.length, -GAP.length);
  let left = [...columns];
  while (least(left) > width) {
    const goes = Math.max(...left.map((column) => column.goes ?? 0));
    if (goes === 0) break;
    left = left.filter((column) => (column.goes ?? 0) !== goes);
  }
  let spare = Math.max(0, width - least(left));
  return left.map((column) => {
    const wider = Math.min(spare, column.width - narrowest(column));
    spare -= wider;
    return { ...column, width: narrowest(column) + wider };
  });
}

function narrowest({ width, least = width }: Column): number {
  return Math.min(width, least);
}
