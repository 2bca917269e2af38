import { checkRequest, loadConfiguration, type Configuration } from '../../config';
import type { FieldProblem, VendRequest } from '../../contract';
import { once, subcommand, type Cli, type CommonOptions } from '../command';
import { invalid } from '../errors';
import { followToEnd } from '../vends/follow-to-end';
import { print, printJson, type Io } from '../io';
import { readRequestFile } from '../vends/request-file';
import { addRequestFlags, withFlags, type RequestFlags } from '../vends/request-flags';
import { startVend, type StartOutcome } from '../vends/start-vend';
import { withTemporal, withTemporalBriefly } from '../temporal';
import { checkBy, defaultBy } from '../who';

interface StartOptions extends CommonOptions, RequestFlags {
  file?: string;
  config?: string;
  wait?: boolean;
  untilEscalation?: boolean;
  by: string;
}

export function startCommand(cli: Cli) {
  const command = subcommand(cli, 'start', {
    description: 'Starts one vend. The same request again finds the vend that is there.',
    examples: [
      'start -f examples/requests/standard.yaml --wait',
      'start --request-id team-a-prod --account-name "Team A" --email aws+team-a@example.com',
    ],
  })
    .option(
      '-f, --file <file>',
      'the request as YAML or JSON, - for stdin; flags override it',
      once('--file'),
    )
    .option('--config <file>', "the worker's configuration (default: VEND_CONFIG, vending.yaml)")
    .option('--wait', 'follow the vend to its end')
    .option('--until-escalation', 'with --wait: end with status 3 when a person is needed')
    .option(
      '--by <who>',
      'who asks for it: their own approval does not count',
      defaultBy(cli.io.env),
    );
  return addRequestFlags(command).action(async (options: StartOptions) => {
    if (options.untilEscalation && !options.wait) {
      throw invalid('--until-escalation belongs to --wait; give both.');
    }
    checkBy(options.by);
    const configuration = loadConfiguration({ path: options.config, env: cli.io.env });
    const request = await readRequest(cli.io, options, configuration);
    const start = withTemporalBriefly(cli.io, ({ client }) =>
      startVend(client, request, { taskQueue: configuration.taskQueue, requestedBy: options.by }),
    );
    const outcome = await start;
    if (!options.wait) {
      tell(cli.io, options, outcome);
      return;
    }
    print(cli.io.stderr, sentence(outcome));
    await withTemporal(cli.io, async ({ client }) => {
      const ref = { ...outcome, status: 'RUNNING' };
      cli.finish(await followToEnd(cli.io, client, [ref], options));
    });
  });
}

async function readRequest(
  io: Io,
  options: StartOptions,
  configuration: Configuration,
): Promise<VendRequest> {
  const file = options.file === undefined ? {} : await readRequestFile(io, options.file);
  const problems: FieldProblem[] = [];
  const checked = checkRequest(withFlags(file, options, problems), configuration);
  if (checked.ok && problems.length === 0) return checked.value;
  if (!checked.ok) problems.push(...checked.problems);
  throw invalid('The request cannot be used, and nothing was started:', problems);
}

function tell(io: Io, options: StartOptions, outcome: StartOutcome): void {
  if (options.json) {
    printJson(io, outcome);
    return;
  }
  const next = outcome.started ? 'Follow it' : 'See how it stands';
  const verb = outcome.started ? 'watch' : 'show';
  print(io.stdout, sentence(outcome), `${next}: ${io.command} ${verb} ${outcome.requestId}`);
}

function sentence({ requestId, workflowId, started, changed }: StartOutcome): string {
  if (started) return `${requestId} is started (workflow ${workflowId}).`;
  const there = `${requestId} is there already (workflow ${workflowId}); nothing was started.`;
  if (changed.length === 0) return there;
  return `${there} The request now differs in ${changed.join(', ')}; that is not applied.`;
}
