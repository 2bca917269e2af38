import { once, repeated, subcommand, type Cli, type CommonOptions } from '../command';
import { invalid } from '../errors';
import { checkOrganization, findGate, type OrganizationFlag } from '../vends/find-gate';
import { checkRequestId, findVend } from '../vends/find-vend';
import { print, printJson } from '../io';
import { buildResolution, type ResolutionFlags } from '../vends/resolution';
import { resolveOrganization, resolveVend } from '../vends/resolve-vend';
import { withTemporalBriefly } from '../temporal';
import { checkBy, defaultBy } from '../who';

interface ResolveOptions extends CommonOptions, ResolutionFlags {
  organization?: OrganizationFlag;
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
      'resolve --organization --retry',
    ],
  })
    .argument('[id]', 'request ID')
    .option('--retry', 'try again')
    .option('--amend <field=value>', 'change the request and try again; may be repeated', repeated)
    .option('--adopt <account>', 'take this account as the one that was asked for', once('--adopt'))
    .option('--allow-other-email', 'with --adopt: although it has another e-mail address')
    .option('--waive <pack|stage>', 'go on without this conformance pack or stage', once('--waive'))
    .option('--region <region>', "with --waive: the pack's region; region/name says it too")
    .option('--abandon', 'end the vend')
    .option('--reason <text>', 'why; kept in the history')
    .option('--by <who>', 'who decides; kept in the history', defaultBy(cli.io.env))
    .option('--escalation <id>', 'refused unless this one is open (default: the open one)')
    .option(
      '--organization [organization-id]',
      "answers the organization's escalation, once for all",
    )
    .action(async (id: string | undefined, options: ResolveOptions) => {
      if (options.by !== undefined) checkBy(options.by);
      if (options.organization) {
        if (id !== undefined) throw invalid('Give a request ID or --organization, not both.');
        return answerOrganization(cli, options);
      }
      if (id === undefined) {
        throw invalid(
          'Give the request ID of the vend whose escalation you answer, or --organization.',
        );
      }
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
        `See it ${decision.action === 'abandon' ? 'end' : 'go on'}: ${cli.io.command} watch ${requestId}`,
      );
    });
}

async function answerOrganization(cli: Cli, options: ResolveOptions): Promise<void> {
  checkOrganization(options.organization);
  const resolution = buildResolution(options);
  const { gate, decision } = await withTemporalBriefly(cli.io, async ({ client }) => {
    const found = await findGate(client, options.organization);
    return { gate: found, decision: await resolveOrganization(client, found, resolution) };
  });
  if (options.json) printJson(cli.io, { ...gate, decision });
  else {
    print(
      cli.io.stdout,
      `${gate.organizationId}: ${decision.escalationId} is answered with ${decision.action}, by ${decision.by}.`,
      'One vend tries now; if it succeeds, the others go on.',
      `See it go on: ${cli.io.command} show --organization`,
    );
  }
}
