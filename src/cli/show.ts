import { subcommand, type Cli, type CommonOptions } from './command';
import { checkRequestId, findVend } from './find-vend';
import { print, printJson } from './io';
import { readVend, viewToJson } from './read-vend';
import { vendPage } from './vend-page';
import { withTemporalBriefly } from './temporal';

export function showCommand(cli: Cli) {
  return subcommand(cli, 'show', {
    description: 'Shows one vend: what is done, what it waits for, and what you can do.',
    examples: ['show team-a-prod', 'show team-a-prod --json'],
  })
    .argument('<id>', 'request ID')
    .action(async (id: string, options: CommonOptions) => {
      checkRequestId(id);
      const view = await withTemporalBriefly(cli.io, async ({ client }) =>
        readVend(client, await findVend(client, id)),
      );
      if (options.json) printJson(cli.io, viewToJson(view));
      else print(cli.io.stdout, ...vendPage(cli.io, view));
    });
}
