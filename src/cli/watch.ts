import { subcommand, type Cli, type CommonOptions } from './command';
import { checkRequestId, findVend } from './find-vend';
import { followToEnd } from './follow-to-end';
import { withTemporal } from './temporal';

interface WatchOptions extends CommonOptions {
  untilEscalation?: boolean;
}

export function watchCommand(cli: Cli) {
  return subcommand(cli, 'watch', {
    description: 'Follows vends to their end.',
    examples: ['watch team-a-prod', 'watch team-a-prod team-b-prod --until-escalation'],
  })
    .argument('<id...>', 'request IDs')
    .option('--until-escalation', 'end with status 3 when a person is needed')
    .action(async (ids: string[], options: WatchOptions) => {
      for (const id of ids) checkRequestId(id);
      await withTemporal(cli.io, async ({ client }) => {
        const find = () => Promise.all([...new Set(ids)].map((id) => findVend(client, id)));
        const refs = await client.withDeadline(Date.now() + 30_000, find);
        cli.finish(await followToEnd(cli.io, client, refs, options));
      });
    });
}
