import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { ReplayWorkerOptions } from '@temporalio/worker';

const HISTORIES = resolve(__dirname, 'histories');

/** As Temporal writes a history in JSON, as far as the tests look into it. */
export interface RecordedEvent {
  eventId: string;
  eventType: string;
  [attributes: string]: unknown;
}

/** A history that a release has left behind. */
export interface Recorded {
  release: string;
  /** Which branch it is. */
  name: string;
  workflowId: string;
  events: RecordedEvent[];
}

/** Oldest first. */
export function releases(): string[] {
  return readdirSync(HISTORIES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort((one, other) => one.localeCompare(other, 'en', { numeric: true }));
}

export function recordedBy(release: string): Recorded[] {
  const folder = join(HISTORIES, release);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      const { events } = JSON.parse(text) as { events: RecordedEvent[] };
      const started = events[0]?.['workflowExecutionStartedEventAttributes'];
      const { workflowId } = started as { workflowId: string };
      return { release, name: file.replace(/\.json$/, ''), workflowId, events };
    });
}

/** Writes the workflows of a release into a folder, for a worker that is as old. */
export function oldBundle(release: string, folder: string, isVersioned: boolean): string {
  const name = isVersioned ? 'workflow-bundle-versioned.js' : 'workflow-bundle.js';
  const file = join(folder, `${release}-${name}`);
  const code = gunzipSync(readFileSync(join(HISTORIES, release, `${name}.gz`))).toString();
  writeFileSync(file, `${code}\n${NO_SOURCE_MAP}`);
  return file;
}

/** A worker asks for one; of minified code it would say nothing, and it is two thirds of the size. */
const NO_SOURCE_MAP = `//# sourceMappingURL=data:application/json;charset=utf-8;base64,${Buffer.from(
  JSON.stringify({ version: 3, sources: [], names: [], mappings: '' }),
).toString('base64')}`;

/** Replays histories on a bundle: the names of those that do not fit, with what Temporal says. */
export async function replay(
  workflowBundle: NonNullable<ReplayWorkerOptions['workflowBundle']>,
  all: readonly Recorded[],
): Promise<Map<string, string>> {
  const broken = new Map<string, string>();
  const histories = all.map(({ workflowId, events }) => ({
    workflowId,
    history: historyFromJSON({ events }),
  }));
  let replayed = 0;
  // One after the other, in the order in which they are given.
  for await (const { error } of Worker.runReplayHistories({ workflowBundle }, histories)) {
    const name = all[replayed]?.name ?? '';
    if (error) broken.set(name, inShort(error.message));
    replayed += 1;
  }
  if (replayed !== all.length) throw new Error(`${replayed} of ${all.length} were replayed`);
  return broken;
}

/** What Temporal says of it, without how it failed to say so. */
function inShort(message: string): string {
  const [, why] = /message: "(\[TMPRL1100\] (?:[^"\\]|\\.)*)"/.exec(message) ?? [];
  return why ?? message;
}

/** Replays say on stderr what they find; it is in their result. */
export function silentRuntime(): void {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    shutdownSignals: [],
    telemetryOptions: { logging: { forward: {}, filter: 'off' } },
  });
}
