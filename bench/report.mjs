/** How measurements print what they found. */
import { cpus } from 'node:os';
import { createRequire } from 'node:module';

const { version: sdkVersion } = createRequire(import.meta.url)('@temporalio/worker/package.json');

/** Measured against a promise. */
export function row(what, measured, most) {
  console.log(`${measured <= most ? 'ok  ' : 'OVER'} ${what}: ${measured} (at most ${most})`);
}

/** Where nothing but one value is right. */
export function check(what, measured, right) {
  console.log(`${measured === right ? 'ok  ' : 'OVER'} ${what}: ${measured} (must be ${right})`);
}

/** Columns by the keys of the first row. */
export function table(rows) {
  const columns = Object.keys(rows[0] ?? {});
  const lines = [columns, ...rows.map((entry) => columns.map((column) => String(entry[column])))];
  const widths = columns.map((_, n) => Math.max(...lines.map((line) => line[n].length)));
  for (const line of lines) {
    console.log(`  ${line.map((cell, n) => cell.padStart(widths[n])).join('  ')}`);
  }
}

export function median(values) {
  return percentile(values, 0.5);
}

/** By linear interpolation between the two nearest. */
export function percentile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low + (high - low) * (at - Math.floor(at));
}

export function round(value, digits = 3) {
  return Number(value.toFixed(digits));
}

/** Numbers mean little without the machine that they come from. */
export async function printMachine(connection) {
  const { serverVersion } = await connection.workflowService.getSystemInfo({});
  const [{ model } = { model: 'unknown processor' }] = cpus();
  console.log(
    `  on ${cpus().length} cores (${model}), Node ${process.version}, Temporal server ${serverVersion}, SDK ${sdkVersion}`,
  );
}
