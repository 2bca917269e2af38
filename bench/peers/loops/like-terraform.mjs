/**
 * A loop like Terraform's, made from reading `aws_organizations_account` in
 * hashicorp/terraform-provider-aws (account.go at 01f4311, service_package.go at 28ea345). Terraform
 * itself is not run, nor is its plan.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import {
  CreateAccountCommand,
  DescribeAccountCommand,
  DescribeCreateAccountStatusCommand,
  ListParentsCommand,
  ListTagsForResourceCommand,
  MoveAccountCommand,
} from '@aws-sdk/client-organizations';
import { clientThatRetries } from './client.mjs';

/** As the provider sets the SDK for Go: `max_retries` 25, pauses of up to 1, 2, 4, … 20 s. */
const client = clientThatRetries({
  attempts: 25,
  pauseMs: (repetition) => Math.random() * Math.min(20, 2 ** (repetition - 1)) * 1_000,
  alsoRetry: ({ name } = {}) => name === 'ConcurrentModificationException',
});

const POLL_MS = 10_000;
const TIMEOUT_MS = 10 * 60_000;
const STATE = 'terraform-state.json';

/** Terraform's `-parallelism`. */
export const atOnce = 10;

/** What an earlier apply has finished is in its state, and is not made again. */
export async function prepare() {
  const state = existsSync(STATE) ? JSON.parse(readFileSync(STATE, 'utf8')) : {};
  return async (account) => {
    if (state[account.requestId]) return;
    const id = await create(account);
    // Only now: an account that is not finished is not known to the next apply.
    state[account.requestId] = id;
    writeFileSync(STATE, JSON.stringify(state));
  };
}

async function create({ email, accountName, tags, unit }) {
  const { CreateAccountStatus } = await client.send(
    new CreateAccountCommand({
      Email: email,
      AccountName: accountName,
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    }),
  );
  const id = await waitUntilCreated(CreateAccountStatus.Id);
  const source = await parentOf(id);
  if (source !== unit) {
    await client.send(
      new MoveAccountCommand({ AccountId: id, SourceParentId: source, DestinationParentId: unit }),
    );
  }
  await client.send(new DescribeAccountCommand({ AccountId: id }));
  await parentOf(id);
  await client.send(new ListTagsForResourceCommand({ ResourceId: id }));
  return id;
}

async function waitUntilCreated(request) {
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    const look = new DescribeCreateAccountStatusCommand({ CreateAccountRequestId: request });
    const { CreateAccountStatus: status } = await client.send(look);
    if (status.State === 'SUCCEEDED') return status.AccountId;
    if (status.State === 'FAILED') throw new Error(`unexpected state: ${status.FailureReason}`);
    if (Date.now() + POLL_MS > deadline) throw new Error('timeout while waiting for the state');
    await pause(POLL_MS);
  }
}

async function parentOf(id) {
  const { Parents } = await client.send(new ListParentsCommand({ ChildId: id }));
  return Parents[0].Id;
}
