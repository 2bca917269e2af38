/** How measurements tell what they found: it is printed, and kept for RESULTS.md. */
import { cpus } from 'node:os';
import { createRequire } from 'node:module';

const { version: sdkVersion } = createRequire(import.meta.url)('@temporalio/worker/package.json');

const told = [];

/** All that was told since this process began. */
export function allTold() {
  return told;
}

/** A sentence; one that is set in belongs to the one before. */
export function say(text) {
  console.log(text);
  told.push({ text });
}

/** Measured against a promise. */
export function row(what, measured, most) {
  tell(measured <= most, `${what}: ${measured} (at most ${most})`);
}

/** Where nothing but one value is right. */
export function check(what, measured, right) {
  tell(measured === right, `${what}: ${measured} (must be ${right})`);
}

function tell(isKept, text) {
  console.log(`${isKept ? 'ok  ' : 'OVER'} ${text}`);
  told.push({ isKept, text });
}

/** Columns by the keys of the first row. */
export function table(rows) {
  const columns = Object.keys(rows[0] ?? {});
  const lines = [columns, ...rows.map((entry) => columns.map((column) => String(entry[column])))];
  const widths = columns.map((_, n) => Math.max(...lines.map((line) => line[n].length)));
  for (const line of lines) {
    console.log(`  ${line.map((cell, n) => cell.padStart(widths[n])).join('  ')}`);
  }
  if (rows.length > 0) told.push({ lines });
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
  say(
    `\non ${cpus().length} cores (${model}), Node ${process.version}, Temporal server ${serverVersion}, SDK ${sdkVersion}`,
  );
}
