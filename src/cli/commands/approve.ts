import { approveUpdate, rejectUpdate, type ApprovalVerdict, type Decision } from '../../contract';
import { subcommand, type Cli, type CommonOptions } from '../command';
import { invalid } from '../errors';
import { checkRequestId, findVend } from '../vends/find-vend';
import { print, printJson } from '../io';
import { heard, sendUpdate } from '../vends/send-update';
import { withTemporalBriefly } from '../temporal';
import { checkBy, defaultBy } from '../who';

interface VerdictOptions extends CommonOptions {
  by: string;
  reason?: string;
}

type Verdict = { command: 'approve' | 'reject'; past: string; update: typeof approveUpdate };

const APPROVE: Verdict = { command: 'approve', past: 'approved', update: approveUpdate };
const REJECT: Verdict = { command: 'reject', past: 'rejected', update: rejectUpdate };

export function approveCommand(cli: Cli) {
  return verdictCommand(cli, APPROVE, {
    description: 'Lets a vend begin that waits for an approval.',
    examples: ['approve team-a-prod', "approve team-a-prod --reason 'budget is there'"],
  }).option('--reason <text>', 'why; kept in the history');
}

export function rejectCommand(cli: Cli) {
  return verdictCommand(cli, REJECT, {
    description: 'Refuses a vend that waits for an approval. It ends, and nothing was created.',
    examples: ["reject team-a-prod --reason 'no budget'"],
  }).requiredOption('--reason <text>', 'why; kept in the history');
}

function verdictCommand(
  cli: Cli,
  verdict: Verdict,
  about: { description: string; examples: string[] },
) {
  return subcommand(cli, verdict.command, about)
    .argument('<id>', 'request ID')
    .option('--by <who>', 'who decides; kept in the history', defaultBy(cli.io.env))
    .action(async (id: string, options: VerdictOptions) => {
      checkRequestId(id);
      checkBy(options.by);
      const { by, reason } = options;
      const message: ApprovalVerdict = { by, ...(reason === undefined ? {} : { reason }) };
      const { ref, decision } = await decide(cli, id, verdict, message);
      const { requestId, workflowId, runId } = ref;
      if (options.json) printJson(cli.io, { requestId, workflowId, runId, decision });
      else {
        print(
          cli.io.stdout,
          `${requestId} is ${verdict.past}, by ${decision.by}.`,
          `See it ${verdict === APPROVE ? 'go on' : 'end'}: ${cli.io.command} watch ${requestId}`,
        );
      }
    });
}

function decide(cli: Cli, id: string, { update }: Verdict, message: ApprovalVerdict) {
  return withTemporalBriefly(cli.io, async ({ client }) => {
    const ref = await findVend(client, id);
    if (ref.status !== 'RUNNING') {
      throw invalid(`${id} has ended (${ref.status}); no approval is waited for.`);
    }
    const { workflowId } = ref;
    const asked = { what: id, workflowId, look: `${cli.io.command} show ${id}` };
    const decision: Decision = await heard(client, asked, () =>
      sendUpdate(client, ref, update, message),
    );
    return { ref, decision };
  });
}
