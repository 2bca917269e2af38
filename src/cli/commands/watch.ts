import { subcommand, type Cli, type CommonOptions } from '../command';
import { invalid } from '../errors';
import { checkRequestId, findVend } from '../vends/find-vend';
import { followToEnd } from '../vends/follow-to-end';
import { inTurns } from '../../domain/in-turns';
import { withTemporal } from '../temporal';

interface WatchOptions extends CommonOptions {
  all?: boolean;
  untilEscalation?: boolean;
}

const FOUND_MS = 30_000;
const AT_ONCE = 8;

export function watchCommand(cli: Cli) {
  return subcommand(cli, 'watch', {
    description:
      'Follows vends to their end. In a terminal the picture is redrawn in place; elsewhere each thing that happens is a line. Ctrl-C ends the look, and not the vend.',
    examples: [
      'watch team-a-prod',
      'watch team-a-prod team-b-prod --until-escalation',
      'watch --all',
    ],
  })
    .argument('[id...]', 'request IDs')
    .option('--all', 'all that are under way and those that begin meanwhile, until none is left')
    .option('--until-escalation', 'end with status 3 when a person is needed')
    .action(async (ids: string[], options: WatchOptions) => {
      if (options.all && ids.length > 0) throw invalid('Give request IDs or --all, not both.');
      if (!options.all && ids.length === 0) {
        throw invalid("missing required argument 'id': the request IDs of vends, or --all.");
      }
      for (const id of ids) checkRequestId(id);
      await withTemporal(cli.io, async ({ client }) => {
        const refs = await client.withDeadline(Date.now() + FOUND_MS, () =>
          inTurns([...new Set(ids)], AT_ONCE, (id) => findVend(client, id)),
        );
        cli.finish(await followToEnd(cli.io, client, refs, options));
      });
    });
}
