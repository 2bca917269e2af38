import { subcommand, type Cli, type CommonOptions } from './command';
import { invalid } from './errors';
import { checkRequestId, findVend } from './find-vend';
import { print, printJson } from './io';
import { withTemporalBriefly } from './temporal';

export function cancelCommand(cli: Cli) {
  return subcommand(cli, 'cancel', {
    description:
      'Stops what can be stopped. What AWS has already begun is followed to its end first.',
    examples: ['cancel team-a-prod'],
  })
    .argument('<id>', 'request ID')
    .action(async (id: string, options: CommonOptions) => {
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
