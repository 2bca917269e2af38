import type { Client } from '@temporalio/client';
import { batchWorkflowId, isRequestId, WorkflowType } from '../../contract';
import { subcommand, type Cli, type CommonOptions } from '../command';
import { CommandError, ExitStatus, invalid } from '../errors';
import { checkRequestId, findVend, statusName } from '../vends/find-vend';
import { print, printJson } from '../io';
import { isNotFound, withTemporalBriefly } from '../temporal';

interface CancelOptions extends CommonOptions {
  batch?: string;
}

export function cancelCommand(cli: Cli) {
  return subcommand(cli, 'cancel', {
    description:
      'Stops what can be stopped. What AWS has already begun is followed to its end first.',
    examples: ['cancel team-a-prod', 'cancel --batch platform'],
  })
    .argument('[id]', 'request ID')
    .option(
      '--batch <name>',
      'the batch of this manifest: starts nothing more, and cancels the vends it has started',
    )
    .action(async (id: string | undefined, options: CancelOptions) => {
      if (options.batch !== undefined) {
        if (id !== undefined) throw invalid('Give a request ID or --batch, not both.');
        return cancelBatch(cli, options.batch, options);
      }
      if (id === undefined) {
        throw invalid("missing required argument 'id': the request ID of a vend, or --batch NAME.");
      }
      checkRequestId(id);
      const ref = await withTemporalBriefly(cli.io, async ({ client }) => {
        const found = await findVend(client, id);
        if (found.status === 'CANCELED') return found;
        if (found.status !== 'RUNNING') {
          throw invalid(`${id} has ended (${found.status}); there is nothing to cancel.`);
        }
        await client.workflow.getHandle(found.workflowId, found.runId).cancel();
        return found;
      });
      const { requestId, workflowId, runId } = ref;
      const requested = ref.status === 'RUNNING';
      if (options.json) printJson(cli.io, { requestId, workflowId, runId, requested });
      else if (!requested) print(cli.io.stdout, `${id} is cancelled already.`);
      else {
        print(
          cli.io.stdout,
          `${id} is asked to stop. What AWS has begun is followed to its end first.`,
          `See how it ends: ${cli.io.command} watch ${id}`,
        );
      }
    });
}

async function cancelBatch(cli: Cli, name: string, options: CancelOptions): Promise<void> {
  if (!isRequestId(name)) {
    throw invalid('--batch takes the name of a manifest: lower-case letters, digits and hyphens.');
  }
  const workflowId = batchWorkflowId(name);
  const { runId, status } = await withTemporalBriefly(cli.io, ({ client }) =>
    requestCancel(client, name, workflowId),
  );
  if (status !== 'RUNNING' && status !== 'CANCELED') {
    throw invalid(`The batch ${name} has ended (${status}); there is nothing to cancel.`);
  }
  const requested = status === 'RUNNING';
  if (options.json) {
    printJson(cli.io, { name, workflowId, runId, requested });
    return;
  }
  if (!requested) {
    print(cli.io.stdout, `The batch ${name} is cancelled already.`);
    return;
  }
  print(
    cli.io.stdout,
    `The batch ${name} starts nothing more, and the vends that it has started are asked to stop.`,
    'What AWS has begun for them is followed to its end first.',
    `See which still run: ${cli.io.command} list`,
  );
}

async function requestCancel(client: Client, name: string, workflowId: string) {
  const handle = client.workflow.getHandle(workflowId);
  try {
    const info = await handle.describe();
    const status = statusName(info.status.name);
    if (info.type !== WorkflowType.vendBatch) {
      throw invalid(`${name} is no batch: ${workflowId} is a ${info.type}.`);
    }
    if (status === 'RUNNING') await handle.cancel();
    return { runId: info.runId, status };
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const message = `There is no batch of the manifest ${name}. "vend apply" starts one.`;
    throw new CommandError(ExitStatus.noSuchVend, message, { cause: error });
  }
}
