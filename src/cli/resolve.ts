import { userInfo } from 'node:os';
import { repeated, subcommand, type Cli, type CommonOptions } from './command';
import { invalid } from './errors';
import { checkRequestId, findVend } from './find-vend';
import { print, printJson } from './io';
import { buildResolution, type ResolutionFlags } from './resolution';
import { resolveVend } from './resolve-vend';
import { withTemporalBriefly } from './temporal';

interface ResolveOptions extends CommonOptions, ResolutionFlags {
  organization?: boolean;
}

export function resolveCommand(cli: Cli) {
  return subcommand(cli, 'resolve', {
    description: 'Answers the open escalation of a vend, which then goes on where it stopped.',
    examples: [
      'resolve team-a-prod --retry',
      'resolve team-a-prod --amend email=aws+team-a2@example.com',
      'resolve team-a-prod --adopt 123456789012 --allow-other-email',
      "resolve team-a-prod --waive us-east-1/Baseline --reason 'known fault, ticket 42'",
      "resolve team-a-prod --abandon --reason 'not needed any more'",
    ],
  })
    .argument('[id]', 'request ID')
    .option('--retry', 'try again')
    .option('--amend <field=value>', 'change the request and try again; may be repeated', repeated)
    .option('--adopt <account>', 'take this account as the one that was asked for')
    .option('--allow-other-email', 'with --adopt: although it has another e-mail address')
    .option('--waive <pack|stage>', 'go on without this conformance pack or stage')
    .option('--region <region>', "with --waive: the pack's region; region/name says it too")
    .option('--abandon', 'end the vend')
    .option('--reason <text>', 'why; kept in the history')
    .option('--by <who>', 'who decides; kept in the history', defaultBy(cli.io.env))
    .option('--escalation <id>', 'refused unless this one is open (default: the open one)')
    .option('--organization', "answers the organization's escalation")
    .action(async (id: string | undefined, options: ResolveOptions) => {
      if (options.organization) {
        throw invalid(
          "--organization is not available in this version yet: each vend that shows the organization's escalation is answered by its own ID.",
        );
      }
      if (id === undefined)
        throw invalid('Give the request ID of the vend whose escalation you answer.');
      checkRequestId(id);
      const resolution = buildResolution(options);
      const answered = await withTemporalBriefly(cli.io, async ({ client }) => {
        const ref = await findVend(client, id);
        return { ref, decision: await resolveVend(client, ref, resolution) };
      });
      const { requestId, workflowId, runId } = answered.ref;
      const { decision } = answered;
      if (options.json) {
        printJson(cli.io, { requestId, workflowId, runId, decision });
        return;
      }
      print(
        cli.io.stdout,
        `${requestId}: ${decision.escalationId} is answered with ${decision.action}, by ${decision.by}.`,
        `See it go on: ${cli.io.command} watch ${requestId}`,
      );
    });
}

function defaultBy(env: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user may have no name.
    return env['USER'] ?? 'unknown';
  }
}
