/** What a process takes of the machine, as Linux tells it. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** MiB of memory now, and at most so far. */
export function memoryOf(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mebibytes = (key) =>
    Math.round(Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(status)[1]) / 1024);
  return { now: mebibytes('VmRSS'), most: mebibytes('VmHWM') };
}

/** Seconds of a core till now, in all its threads. */
export function cpuSecondsOf(pid) {
  // The name, which may contain blanks, ends at the last parenthesis.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  return (user + system) / TICKS_PER_SECOND;
}

/** Per cent of one core that each of `pids` takes in the next `ms`. */
export async function sharesOfCore(pids, ms) {
  const before = pids.map(cpuSecondsOf);
  const beganAt = performance.now();
  await pause(ms);
  const seconds = (performance.now() - beganAt) / 1000;
  return pids.map((pid, n) => Math.round(((cpuSecondsOf(pid) - before[n]) / seconds) * 1000) / 10);
}
