import type { Client } from '@temporalio/client';
import { loadConfiguration, parseManifests } from '../../config';
import { countEntries, countsLine, needsPerson } from '../batch/batch-wording';
import { peopleLines, planLines, planToJson } from '../batch/batch-wording';
import { repeated, subcommand, type Cli, type CommonOptions } from '../command';
import { isWho } from '../../domain/batch/manifest';
import { CommandError, ExitStatus, invalid } from '../errors';
import { followBatches } from '../batch/follow-batch';
import { onInterrupt } from '../interrupt';
import { print, printJson, type Io } from '../io';
import { readManifestFiles } from '../batch/manifest-files';
import { planBatches, type Entry, type Plan } from '../batch/plan-batch';
import { defaultBy } from '../who';
import { sendBatch, toStart, type SendOptions, type Sent } from '../batch/send-batch';
import { withTemporal } from '../temporal';
import { unlessAborted } from '../vends/follow-to-end';

interface ApplyOptions extends CommonOptions {
  file: string[];
  config?: string;
  dryRun?: boolean;
  restart?: boolean;
  wait?: boolean;
  untilEscalation?: boolean;
  by?: string;
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
    .option('--by <who>', 'who asks; stands in the memo of each vend (default: your user name)')
    .option('--config <file>', "the worker's configuration (default: VEND_CONFIG, vending.yaml)")
    .action(async (options: ApplyOptions) => {
      if (options.untilEscalation && !options.wait) {
        throw invalid('--until-escalation belongs to --wait; give both.');
      }
      if (options.dryRun && options.wait) {
        throw invalid('--dry-run starts nothing, so there is nothing to --wait for; give one.');
      }
      if (options.by !== undefined && !isWho(options.by)) {
        throw invalid(
          '--by must be a name of 1-100 characters, and no e-mail address: it stands in the memo of each vend.',
        );
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
  readonly #started: Set<Entry>;
  /** Manifests that were not taken, and why. */
  readonly #refused = new Map<Plan, CommandError>();

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
    const requestedBy = this.#options.by ?? defaultBy(this.#io.env);
    const sent = await this.#send({ taskQueue, requestedBy, restart: isRestart });
    const lines = this.#sentLines(sent);
    if (wait) {
      print(json ? this.#io.stderr : out, ...lines, '');
      await this.#follow(out);
      return;
    }
    await this.#tell(lines);
    if (this.#refused.size > 0) this.#cli.finish(this.#statusOfRefusals());
  }

  /** One that is refused stops no other; where that leaves nothing to be started, it ends here. */
  async #send(options: SendOptions): Promise<Map<Plan, Sent>> {
    const sent = new Map<Plan, Sent>();
    for (const plan of this.#plans) {
      try {
        const { how, left } = await sendBatch(this.#client, plan, options);
        sent.set(plan, { how, left });
        const isLeft = new Set(left);
        for (const entry of plan.entries) {
          if (isLeft.has(entry.requestId)) this.#started.delete(entry);
        }
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        this.#refused.set(plan, error);
        for (const entry of plan.entries) this.#started.delete(entry);
      }
    }
    const errors = [...this.#refused.values()];
    const [first] = errors;
    const isAnySent = [...sent.values()].some(({ how }) => how !== 'nothing');
    if (!first || isAnySent) return sent;
    if (errors.length === 1) throw first;
    throw new CommandError(first.status, errors.map(({ message }) => message).join('\n'));
  }

  /** Others were sent, so it is not as if nothing had been started. */
  #statusOfRefusals(): ExitStatus {
    const errors = [...this.#refused.values()];
    const isSilent = errors.every(({ status }) => status === ExitStatus.unreachable);
    return isSilent ? ExitStatus.unreachable : ExitStatus.endedOtherwise;
  }

  async #follow(out: Io['stdout']): Promise<void> {
    const past = new Map<string, number>();
    for (const entry of this.#entries) {
      // One that waits already may be one that is started again.
      if (!this.#started.has(entry) && entry.standing !== 'waiting') continue;
      if (entry.vend) past.set(entry.requestId, entry.vend.startedAtMs);
      // Not there any more, and not yet there again.
      delete entry.vend;
      delete entry.failure;
      entry.standing = 'waiting';
    }
    const untilEscalation = this.#options.untilEscalation ?? false;
    const plans = this.#plans.filter((plan) => !this.#refused.has(plan));
    const interrupt = onInterrupt();
    const { signal } = interrupt;
    try {
      const following = followBatches(this.#io, out, this.#client, plans, {
        untilEscalation,
        past,
        signal,
      });
      await unlessAborted(signal, following);
    } catch (error) {
      if (!signal.aborted) throw error;
      print(this.#io.stderr, ...goesOn(this.#io, plans));
      this.#cli.finish(ExitStatus.interrupted);
      return;
    } finally {
      interrupt.release();
    }
    await this.#tell([]);
    this.#cli.finish(this.#exitStatus(untilEscalation));
  }

  #exitStatus(untilEscalation: boolean): ExitStatus {
    const entries = this.#entries;
    if (untilEscalation && entries.some(needsPerson)) return ExitStatus.escalated;
    if (this.#refused.size > 0) return this.#statusOfRefusals();
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
        manifests: this.#plans.map((plan) =>
          planToJson(plan, started, this.#refused.get(plan)?.message),
        ),
      });
      return;
    }
    const people = await peopleLines(io, this.#client, this.#entries);
    const ended = this.#endedLines();
    const counts = `In all ${countsLine(countEntries(this.#entries))}.`;
    print(io.stdout, ...people, ...(people.length > 0 ? [''] : []), ...ended, counts, ...lines);
    const refusals = [...this.#refused.values()].map(({ message }) => message);
    if (refusals.length > 0) print(io.stderr, 'Not started:', ...refusals.map((one) => `  ${one}`));
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

  /** What was read from stdin cannot be read again. */
  #lookAgain(): string {
    const { file } = this.#options;
    return file.includes('-') ? 'list' : `apply -f ${file.join(' -f ')} --dry-run`;
  }

  #sentLines(sent: ReadonlyMap<Plan, Sent>): string[] {
    const { command } = this.#io;
    const all = [...sent.values()];
    const left = leftLines(all.flatMap((one) => one.left));
    if (this.#started.size === 0) return [...left, 'Nothing was to be started.'];
    const batches = [...sent]
      .filter(([, { how }]) => how !== 'nothing')
      .map(([{ workflowId }]) => workflowId);
    const count = this.#started.size === 1 ? 'One is' : `${this.#started.size} are`;
    return [
      ...left,
      `${count} started, in turn, by ${batches.join(', ')}.`,
      ...(all.some(({ how }) => how === 'queued')
        ? ['No worker has taken it yet: it begins as soon as one is started.']
        : []),
      ...(this.#options.wait ? [] : [`See how they stand: ${command} ${this.#lookAgain()}`]),
    ];
  }
}

const MOST_LEFT = 10;

/** What Temporal has forgotten, and the batch has not. */
function leftLines(left: readonly string[]): string[] {
  if (left.length === 0) return [];
  const more = left.length - MOST_LEFT;
  const names = left.slice(0, MOST_LEFT).join(', ') + (more > 0 ? ` and ${more} more` : '');
  return [
    `Left alone, since the batch knows that their vends have ended: ${names}. --restart starts those again that were not done.`,
  ];
}

/** Who looks away changes nothing. */
function goesOn({ command }: Io, plans: readonly Plan[]): string[] {
  const ends = plans.map(({ loaded }) => `${command} cancel --batch ${loaded.manifest.name}`);
  return [
    'No longer watched; the vends go on. What would end them:',
    ...ends.map((line) => `  ${line}`),
  ];
}
