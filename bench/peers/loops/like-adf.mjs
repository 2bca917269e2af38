/**
 * A loop like ADF's, made from reading awslabs/aws-deployment-framework at 147545e: create_account.py,
 * process_account_files.py, move_account in organizations.py, and the state machine in src/template.yml.
 * ADF itself (Lambda, Step Functions) is not run.
 *
 * To its favour: no 70 seconds of fixed waits, no jump role, support case, regions, alias or default VPC,
 * and the unit is given by its id.
 */
import { setTimeout as pause } from 'node:timers/promises';
import {
  CreateAccountCommand,
  DescribeCreateAccountStatusCommand,
  ListParentsCommand,
  MoveAccountCommand,
  TagResourceCommand,
  paginateListAccounts,
} from '@aws-sdk/client-organizations';
import { clientThatRetries } from './client.mjs';

/** As boto3 does by default: five attempts, pauses of up to 1, 2, 4, 8 s. */
const client = clientThatRetries({
  attempts: 5,
  pauseMs: (repetition) => Math.random() * 2 ** (repetition - 1) * 1_000,
});
/** `max_attempts` of its class Organizations. */
const patient = clientThatRetries({
  attempts: 30,
  pauseMs: (repetition) => Math.random() * Math.min(20, 2 ** (repetition - 1)) * 1_000,
});

/** Of the state machine, for `States.TaskFailed`. */
const RETRY = { intervalMs: 3_000, backoffRate: 1.5, most: 10 };
/** Of the Lambda. */
const TIMEOUT_MS = 300_000;

/** An account exists for it where one has the same name. */
export async function prepare() {
  const known = new Map();
  for await (const { Accounts = [] } of paginateListAccounts({ client: patient }, {})) {
    for (const { Name, Id } of Accounts) known.set(Name, Id);
  }
  return (account) => vend(account, known.get(account.accountName));
}

/** One execution of the state machine for each account, all at once. */
export const atOnce = Infinity;

async function vend(account, knownId) {
  const id = knownId ?? (await task(() => createAccount(account)));
  const tags = Object.entries(account.tags).map(([Key, Value]) => ({ Key, Value }));
  await task(() => client.send(new TagResourceCommand({ ResourceId: id, Tags: tags })));
  await task(() => moveAccount(id, account.unit));
}

async function task(work) {
  for (let retries = 0, pauseMs = RETRY.intervalMs; ; retries += 1) {
    try {
      return await work();
    } catch (error) {
      if (retries === RETRY.most) throw error;
    }
    await pause(pauseMs);
    pauseMs *= RETRY.backoffRate;
  }
}

async function createAccount({ email, accountName }) {
  const deadline = Date.now() + TIMEOUT_MS;
  let status = await statusOf(new CreateAccountCommand({ Email: email, AccountName: accountName }));
  while (status.State === 'IN_PROGRESS') {
    if (Date.now() > deadline) throw new Error('the Lambda has timed out');
    const look = new DescribeCreateAccountStatusCommand({ CreateAccountRequestId: status.Id });
    status = await statusOf(look);
    if (status.FailureReason) throw new Error(`Failed to create account: ${status.FailureReason}`);
  }
  return status.AccountId;
}

async function statusOf(command) {
  const { CreateAccountStatus } = await client.send(command);
  return CreateAccountStatus;
}

async function moveAccount(id, unit) {
  const { Parents } = await patient.send(new ListParentsCommand({ ChildId: id }));
  const [{ Id: source }] = Parents;
  if (source === unit) return;
  await patient.send(
    new MoveAccountCommand({ AccountId: id, SourceParentId: source, DestinationParentId: unit }),
  );
}
