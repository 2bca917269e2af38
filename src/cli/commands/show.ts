import { subcommand, type Cli, type CommonOptions } from '../command';
import { invalid } from '../errors';
import { checkOrganization, findGate, readGate, type OrganizationFlag } from '../vends/find-gate';
import { checkRequestId, findVend } from '../vends/find-vend';
import { gatePage } from '../drawing/gate-page';
import { print, printJson } from '../io';
import { readVend, viewToJson } from '../vends/read-vend';
import { vendPage } from '../drawing/vend-page';
import { withTemporalBriefly } from '../temporal';

interface ShowOptions extends CommonOptions {
  organization?: OrganizationFlag;
}

export function showCommand(cli: Cli) {
  return subcommand(cli, 'show', {
    description:
      'Shows one vend: what is done, what it waits for, and what you can do. With --organization: who creates, who waits, and what holds everybody back.',
    examples: ['show team-a-prod', 'show team-a-prod --json', 'show --organization'],
  })
    .argument('[id]', 'request ID')
    .option('--organization [organization-id]', "the organization's gate instead of a vend")
    .action(async (id: string | undefined, options: ShowOptions) => {
      if (options.organization) {
        if (id !== undefined) throw invalid('Give a request ID or --organization, not both.');
        return showGate(cli, options);
      }
      if (id === undefined) {
        throw invalid(
          "missing required argument 'id': the request ID of a vend, or --organization.",
        );
      }
      checkRequestId(id);
      const view = await withTemporalBriefly(cli.io, async ({ client }) =>
        readVend(client, await findVend(client, id)),
      );
      if (options.json) printJson(cli.io, viewToJson(view));
      else print(cli.io.stdout, ...vendPage(cli.io, view));
    });
}

async function showGate(cli: Cli, options: ShowOptions): Promise<void> {
  checkOrganization(options.organization);
  const { gate, state } = await withTemporalBriefly(cli.io, async ({ client }) => {
    const found = await findGate(client, options.organization);
    return { gate: found, state: await readGate(client, found) };
  });
  const { workflowId, runId } = gate;
  if (options.json) printJson(cli.io, { ...state, workflowId, runId });
  else print(cli.io.stdout, ...gatePage(cli.io, gate, state));
}
