/** Many real vends, brought to where they wait for a person or for AWS. */
import { setTimeout as pause } from 'node:timers/promises';

/** So many are on their way at a time: beyond that, a server on two cores only falls behind. */
const ON_THEIR_WAY = 200;
const LOOK_MS = 1_000;
/** Nothing has moved for so long: something is wrong. */
const STUCK_MS = 300_000;

/**
 * What a vend waits for. Created accounts come first: while AWS's lists are short, looking through
 * them costs little, and here it is the waiting that is measured. The others bring in an account that
 * exists: creating all of them would take hours.
 */
const KINDS = [
  {
    name: 'escalated in creating: the e-mail address is taken',
    share: 0.1,
    request: async (id) => ({
      ...named(id),
      email: `${id}+fail-email-already-exists@example.com`,
    }),
  },
  {
    name: 'conforming: created, two packs are on their way',
    share: 0.1,
    request: async (id) => ({ ...named(id), email: `${id}@example.com` }),
  },
  {
    name: 'escalated in placing: brought in, stands in another unit',
    share: 0.4,
    request: async (id, aws) => ({
      existingAccountId: await aws.addAccount(`${id}@example.com`, 'Sandbox'),
      organizationalUnit: 'Workloads',
    }),
  },
  {
    name: 'conforming: brought in, two packs are on their way',
    share: 0.4,
    request: async (id, aws) => ({
      existingAccountId: await aws.addAccount(`${id}@example.com`),
    }),
  },
];

function named(id) {
  return { accountName: id };
}

/** Each with its id, and what it asks for once its turn has come. */
export function crowdOf(all) {
  const crowd = [];
  for (const [n, { name, share, request }] of KINDS.entries()) {
    const size = n === KINDS.length - 1 ? all - crowd.length : Math.round(all * share);
    for (let k = 0; k < size; k += 1) {
      const requestId = `scale-${n}-${k}`;
      crowd.push({ requestId, waits: name, request: (aws) => request(requestId, aws) });
    }
  }
  return crowd;
}

/** Starts them in a window, and returns when each of them waits. */
export async function bringToWait(client, crowd, { aws, taskQueue, vendWorkflowId, log }) {
  let started = 0;
  let last = { waiting: 0, atMs: performance.now() };
  for (;;) {
    const waiting = await countWaiting(client);
    if (waiting !== last.waiting) {
      log(`${waiting} wait, ${started - waiting} are on their way`);
      last = { waiting, atMs: performance.now() };
    }
    if (waiting >= crowd.length) return;
    if (performance.now() - last.atMs > STUCK_MS) throw new Error(`only ${waiting} ever waited`);
    const room = Math.min(crowd.length, waiting + ON_THEIR_WAY);
    const next = crowd.slice(started, room);
    await Promise.all(
      next.map(async ({ requestId, request }) =>
        client.workflow.start('vendAccount', {
          taskQueue,
          workflowId: vendWorkflowId(requestId),
          args: [{ requestId, ...(await request(aws)) }],
        }),
      ),
    );
    started = Math.max(started, room);
    await pause(LOOK_MS);
  }
}

export async function countWaiting(client) {
  const escalated = await count(client, `VendEscalation IS NOT NULL`);
  const conforming = await count(client, `VendStage = 'conforming' AND VendEscalation IS NULL`);
  return escalated + conforming;
}

async function count(client, waits) {
  const query = `WorkflowType = 'vendAccount' AND ExecutionStatus = 'Running' AND ${waits}`;
  return (await client.workflow.count(query)).count;
}
