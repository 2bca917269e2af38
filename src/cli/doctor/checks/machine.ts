import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatDuration } from '../../../domain/duration';
import { needs, type Check, type Finding } from '../finding';
import type { Patient } from '../patient';

export const machineChecks: Check<Patient>[] = [
  {
    name: 'the configuration',
    group: 'This machine',
    needed: true,
    run: async ({ configurationFile, configuration: { taskQueue, installation } }) => [
      {
        id: 'configuration',
        level: 'ok',
        title: `configuration: ${configurationFile ?? 'no file, so the defaults'}`,
        detail: `Task queue ${taskQueue}${installation ? `, installation ${installation}` : ''}. The worker must read the same one.`,
      },
    ],
  },
  {
    name: 'Node',
    group: 'This machine',
    needed: true,
    run: async () => [nodeFinding(process.versions.node, supportedNode())],
  },
  {
    name: "this machine's clock",
    group: 'This machine',
    needed: false,
    async run(patient) {
      const { aheadMs } = await needs(
        patient.caller(),
        'AWS tells its time with the first answer.',
      );
      return aheadMs === undefined ? [] : [clockFinding(aheadMs)];
    },
  },
];

/** package.json stands four folders up, seen from src and from lib alike. */
function supportedNode(): string {
  const file = join(__dirname, '..', '..', '..', '..', 'package.json');
  const { engines } = JSON.parse(readFileSync(file, 'utf8')) as { engines: { node: string } };
  return engines.node;
}

/** @param supported such as `>=20.19` */
export function nodeFinding(version: string, supported: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = supported.replace('>=', '').split('.').map(Number);
  const isSupported = major > leastMajor || (major === leastMajor && minor >= leastMinor);
  if (isSupported) {
    return { id: 'node', level: 'ok', title: `Node ${version}`, detail: `Needed: ${supported}.` };
  }
  return {
    id: 'node-unsupported',
    level: 'warning',
    title: `Node ${version} is too old`,
    detail: `Needed: ${supported}. Nothing is tested on older ones.`,
    fix: `Install Node ${supported}, here and where the worker runs.`,
  };
}

const NOTICED_MS = 60_000;
/** AWS refuses what was signed longer ago, or later, than this. */
const REFUSED_MS = 5 * 60_000;

/** @param aheadMs how far this machine is ahead of AWS; below zero it is behind */
export function clockFinding(aheadMs: number): Finding {
  const off = Math.abs(aheadMs);
  if (off < NOTICED_MS) {
    return {
      id: 'clock',
      level: 'ok',
      title: "this machine's clock agrees with AWS's",
      detail: `Within ${Math.ceil(off / 1_000)} s.`,
    };
  }
  const way = aheadMs > 0 ? 'ahead of' : 'behind';
  return {
    id: 'clock-skew',
    level: off >= REFUSED_MS ? 'stop' : 'warning',
    title: `this machine's clock is ${formatDuration(off)} ${way} AWS's`,
    detail:
      'AWS refuses what was signed more than 5 min ago or ahead: a creation would be refused, and is tried once only.',
    fix: 'Set the clock (timedatectl set-ntp true), here and where the worker runs.',
  };
}
