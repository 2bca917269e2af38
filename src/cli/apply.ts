import type { Client } from '@temporalio/client';
import { loadConfiguration, parseManifests } from '../config';
import { countEntries, countsLine, needsPerson } from './batch-wording';
import { peopleLines, planLines, planToJson } from './batch-wording';
import { repeated, subcommand, type Cli, type CommonOptions } from './command';
import { ExitStatus, invalid } from './errors';
import { followBatches } from './follow-batch';
import { print, printJson, type Io } from './io';
import { readManifestFiles } from './manifest-files';
import { planBatches, type Entry, type Plan } from './plan-batch';
import { defaultBy } from './who';
import { sendBatch, toStart, type Sent } from './send-batch';
import { withTemporal } from './temporal';

interface ApplyOptions extends CommonOptions {
  file: string[];
  config?: string;
  dryRun?: boolean;
  restart?: boolean;
  wait?: boolean;
  untilEscalation?: boolean;
  by: string;
}

export function applyCommand(cli: Cli) {
  return subcommand(cli, 'apply', {
    description:
      'Vends the accounts of a manifest: starts what is new, leaves what is there. Applying it again changes nothing.',
    examples: [
      'apply -f examples/manifests/platform.yaml --dry-run',
      'apply -f examples/manifests/platform.yaml --wait',
      'apply -f manifests/ --restart',
      'discover | vend apply -f - --dry-run',
    ],
  })
    .requiredOption(
      '-f, --file <file>',
      'a manifest as YAML or JSON, a folder of them, or - for stdin; may be repeated',
      repeated,
    )
    .option('--dry-run', 'say what would happen, and start nothing')
    .option('--restart', 'start those again that have failed, or were cancelled or terminated')
    .option('--wait', 'follow all of them to their ends')
    .option('--until-escalation', 'with --wait: end with status 3 when a person is needed')
    .option('--by <who>', 'who asks; stands in the memo of each vend', defaultBy(cli.io.env))
    .option('--config <file>', "the worker's configuration (default: VEND_CONFIG, vending.yaml)")
    .action(async (options: ApplyOptions) => {
      if (options.untilEscalation && !options.wait) {
        throw invalid('--until-escalation belongs to --wait; give both.');
      }
      if (options.dryRun && options.wait) {
        throw invalid('--dry-run starts nothing, so there is nothing to --wait for; give one.');
      }
      const configuration = loadConfiguration({ path: options.config, env: cli.io.env });
      const sources = await readManifestFiles(cli.io, options.file);
      const parsed = parseManifests(sources, configuration);
      if (!parsed.ok) {
        const which = sources.length === 1 ? 'The manifest' : 'The manifests';
        throw invalid(`${which} cannot be used, and nothing was started:`, parsed.problems);
      }
      await withTemporal(cli.io, async ({ client }) => {
        const plans = await planBatches(client, parsed.value);
        await new Apply(cli, client, plans, options).run(configuration.taskQueue);
      });
    });
}

class Apply {
  readonly #cli: Cli;
  readonly #io: Io;
  readonly #client: Client;
  readonly #plans: readonly Plan[];
  readonly #options: ApplyOptions;
  readonly #started: ReadonlySet<Entry>;

  constructor(cli: Cli, client: Client, plans: readonly Plan[], options: ApplyOptions) {
    this.#cli = cli;
    this.#io = cli.io;
    this.#client = client;
    this.#plans = plans;
    this.#options = options;
    const isRestart = options.restart ?? false;
    this.#started = new Set(plans.flatMap((plan) => toStart(plan, isRestart)));
  }

  async run(taskQueue: string): Promise<void> {
    const { dryRun, wait, json } = this.#options;
    const out = json ? this.#io.stderr : this.#io.stdout;
    const isRestart = this.#options.restart ?? false;
    if (!json) {
      for (const plan of this.#plans) print(out, ...planLines(this.#io, plan, isRestart), '');
    }
    if (dryRun) {
      await this.#tell(this.#dryRunLines());
      return;
    }
    const sent: Sent[] = [];
    for (const plan of this.#plans) {
      const options = { taskQueue, requestedBy: this.#options.by, restart: isRestart };
      sent.push(await sendBatch(this.#client, plan, options));
    }
    const lines = this.#sentLines(sent);
    if (!wait) {
      await this.#tell(lines);
      return;
    }
    print(json ? this.#io.stderr : out, ...lines, '');
    await this.#follow(out);
  }

  async #follow(out: Io['stdout']): Promise<void> {
    const past = new Set<string>();
    for (const entry of this.#started) {
      if (entry.vend) past.add(entry.vend.runId);
      // Not there any more, and not yet there again.
      delete entry.vend;
      delete entry.failure;
      entry.standing = 'waiting';
    }
    const untilEscalation = this.#options.untilEscalation ?? false;
    await followBatches(this.#io, out, this.#client, this.#plans, { untilEscalation, past });
    await this.#tell([]);
    this.#cli.finish(this.#exitStatus(untilEscalation));
  }

  #exitStatus(untilEscalation: boolean): ExitStatus {
    const entries = this.#entries;
    if (untilEscalation && entries.some(needsPerson)) return ExitStatus.escalated;
    const isDone = entries.every(({ standing }) => standing === 'done');
    return isDone ? ExitStatus.done : ExitStatus.endedOtherwise;
  }

  get #entries(): Entry[] {
    return this.#plans.flatMap(({ entries }) => entries);
  }

  /** The end of every apply: the counts, and who needs a person. */
  async #tell(lines: readonly string[]): Promise<void> {
    const io = this.#io;
    const { json, dryRun } = this.#options;
    if (json) {
      const started = dryRun ? new Set<Entry>() : this.#started;
      printJson(io, {
        dryRun: dryRun ?? false,
        manifests: this.#plans.map((plan) => planToJson(plan, started)),
      });
      return;
    }
    const people = await peopleLines(io, this.#client, this.#entries);
    const ended = this.#endedLines();
    const counts = `In all ${countsLine(countEntries(this.#entries))}.`;
    print(io.stdout, ...people, ...(people.length > 0 ? [''] : []), ...ended, counts, ...lines);
  }

  #endedLines(): string[] {
    if (!this.#options.wait) return [];
    const ended = this.#entries.filter(({ standing }) => standing === 'ended');
    if (ended.length === 0) return [];
    const rows = ended.map(({ requestId, failure, vend }) => {
      const why = failure ?? vend?.status ?? 'never started';
      return `  ${requestId}: ${why}${vend ? `   ${this.#io.command} show ${requestId}` : ''}`;
    });
    return ['Ended otherwise than done; --restart starts them again:', ...rows, ''];
  }

  #dryRunLines(): string[] {
    const count = this.#started.size;
    const would = count === 0 ? 'Nothing would be started.' : `${count} would be started.`;
    return [`${would} This was a dry run: nothing was changed.`];
  }

  #sentLines(sent: readonly Sent[]): string[] {
    const { command } = this.#io;
    if (this.#started.size === 0) return ['Nothing was to be started.'];
    const batches = this.#plans
      .filter((_, index) => sent[index] !== 'nothing')
      .map(({ workflowId }) => workflowId);
    const count = this.#started.size === 1 ? 'One is' : `${this.#started.size} are`;
    return [
      `${count} started, in turn, by ${batches.join(', ')}.`,
      ...(sent.includes('queued')
        ? ['No worker has taken it yet: it begins as soon as one is started.']
        : []),
      `See how they stand: ${command} apply -f ${this.#options.file.join(' -f ')} --dry-run   Follow them: --wait`,
    ];
  }
}
