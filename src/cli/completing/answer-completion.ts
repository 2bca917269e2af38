import type { Command } from 'commander';
import { isRequestId, SearchAttribute, Stage, WorkflowType } from '../../contract';
import { complete, type Candidate, type Whose } from './complete';
import { FILES } from './completion-scripts';
import { attributesOf } from '../vends/read-vend';
import { plain, print, type Io } from '../io';
import { withTemporal } from '../temporal';

/**
 * Longer than this a person does not wait for a key; a TLS handshake with a Temporal on another
 * continent takes half of it.
 */
const PATIENCE_MS = 1_500;
const MOST_IDS = 500;

/**
 * Answers a completion script: a candidate on each line, what it means behind a tab. It never says
 * anything else, and nothing where Temporal is away.
 * @param words the shell's name, then the words behind `vend`
 */
export async function answerCompletion(
  program: Command,
  [shell, ...words]: readonly string[],
  io: Io,
): Promise<void> {
  const whole = rejoined(words);
  const typed = whole.at(-1) ?? '';
  const found = complete(program, whole);
  if (found === FILES) {
    print(io.stdout, FILES);
    return;
  }
  const all = Array.isArray(found) ? found : await idsOf(io, found.ids, typed, found.without);
  const fitting = all.filter(({ value }) => value.startsWith(typed));
  // bash takes `--stage=` and `queued` for two words, and replaces the second alone.
  const split = shell === 'bash' ? typed.lastIndexOf('=') + 1 : 0;
  print(
    io.stdout,
    ...fitting.map(({ value, about = '' }) => `${value.slice(split)}\t${about}`.trimEnd()),
  );
}

/** bash breaks words at `=`. */
function rejoined(words: readonly string[]): string[] {
  const whole: string[] = [];
  for (const [index, word] of words.entries()) {
    const isBroken = word === '=' || (index > 0 && words[index - 1] === '=');
    if (isBroken && whole.length > 0) whole.push(`${whole.pop()}${word}`);
    else whole.push(word);
  }
  return whole;
}

const CONDITIONS: Record<Whose, string> = {
  running: '',
  escalated: ` AND ${SearchAttribute.escalation.name} IS NOT NULL`,
  approving: ` AND ${SearchAttribute.stage.name} = '${Stage.approving}'`,
};

async function idsOf(
  io: Io,
  whose: Whose,
  typed: string,
  without: readonly string[],
): Promise<Candidate[]> {
  if (!/^[a-z0-9-]*$/.test(typed)) return [];
  const begun = typed ? ` AND ${SearchAttribute.requestId.name} STARTS_WITH '${typed}'` : '';
  const query = `WorkflowType = '${WorkflowType.vendAccount}' AND ExecutionStatus = 'Running'${CONDITIONS[whose]}${begun}`;
  const found = new Map<string, Candidate>();
  const read = withTemporal(
    io,
    async ({ client }) => {
      for await (const info of client.workflow.list({ query, pageSize: MOST_IDS })) {
        const known = attributesOf(info.typedSearchAttributes);
        const id = known[SearchAttribute.requestId.name];
        const about = known[SearchAttribute.escalation.name] ?? known[SearchAttribute.stage.name];
        // Whoever may write to the namespace chooses it, and a shell takes it as it stands.
        if (isRequestId(id) && !without.includes(id)) {
          found.set(id, { value: id, about: plain(about ?? '') });
        }
        if (found.size === MOST_IDS) break;
      }
    },
    { connectMs: PATIENCE_MS },
  );
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS);
  });
  await Promise.race([read.catch(() => undefined), enough]);
  clearTimeout(timer);
  return [...found.values()].sort((a, b) => a.value.localeCompare(b.value));
}
