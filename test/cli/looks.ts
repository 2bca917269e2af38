import { PassThrough } from 'node:stream';
import { createColors } from 'picocolors';
import type { Canvas } from '../../src/cli/drawing/canvas';
import type { Io } from '../../src/cli/io';
import type { Look } from '../../src/cli/vends/look';
import type { VendView } from '../../src/cli/vends/read-vend';
import type { Escalation, Stage, VendState } from '../../src/contract';

/** Vends as they would be seen, for pictures and lines. */

const stream = () => new PassThrough();
export const io: Io = {
  stdout: stream(),
  stderr: stream(),
  stdin: stream(),
  env: {},
  command: 'vend',
};

export function canvas(columns: number, rows: number): Canvas {
  return { columns, rows, spinner: '*', paint: createColors(false) };
}

export const ago = (ms: number) => new Date(Date.now() - ms).toISOString();

export interface Seen {
  id?: string;
  status?: string;
  /** Stages and how long ago each began, in seconds. */
  stages?: [Stage, number][];
  state?: Partial<VendState> | null;
  attributes?: Record<string, string>;
  look?: Partial<Look>;
}

export function seen({ id = 'team-a', status = 'RUNNING', ...more }: Seen = {}): Look {
  const {
    stages = [
      ['queued', 300],
      ['creating', 240],
    ],
  } = more;
  const ref = { requestId: id, workflowId: `vend-${id}`, runId: 'r', status };
  const stage = stages.at(-1)?.[0] ?? 'queued';
  const state: VendState = {
    requestId: id,
    stage,
    createAccountRequestIds: [],
    attempts: 1,
    decisions: [],
    history: stages.map(([name, seconds]) => ({ at: ago(seconds * 1_000), stage: name })),
    ...more.state,
  };
  const view: VendView = {
    ...ref,
    startedAt: ago((stages[0]?.[1] ?? 0) * 1_000),
    ...(status === 'RUNNING' ? {} : { closedAt: ago(0) }),
    attributes: { VendStage: stage, ...more.attributes },
    state: more.state === null ? null : state,
  };
  return { ref, view, outage: false, ...more.look };
}

export function escalation(more: Partial<Escalation> = {}): Escalation {
  return {
    id: 'e1',
    scope: 'request',
    reason: 'EMAIL_ALREADY_EXISTS',
    message:
      'The e-mail address belongs to an AWS account that is not visible in this organization.',
    since: ago(60_000),
    attempts: 1,
    actions: ['retry', 'amend', 'adopt', 'abandon'],
    ...more,
  };
}
