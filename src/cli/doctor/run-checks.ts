import { unreadableIn } from '../../encryption';
import { grpcCode } from '../../vends/grpc';
import { AwsCallError } from '../aws';
import { awsFinding } from './aws-finding';
import { encryptionFinding } from './encryption-finding';
import { NotLookedAt, type Check, type Finding, type Group } from './finding';
import { temporalFinding } from './temporal-finding';

/** A finding, and where it stands on the page. */
export type Found = Finding & { group: Group };

/** Whatever is dead, a person waits no longer than this. */
const LIMIT_MS = 11_000;

interface Skipped {
  name: string;
  group: Group;
  because: string;
}

/** Runs all checks at the same time. What one throws is a finding too. */
export async function runChecks<P>(
  checks: readonly Check<P>[],
  patient: P,
  limitMs = LIMIT_MS,
): Promise<Found[]> {
  const skipped: Skipped[] = [];
  const found = await Promise.all(
    checks.map(async (check) => {
      const { name, group } = check;
      const findings = await withinLimit(check, patient, limitMs).catch((error: unknown) => {
        if (!(error instanceof NotLookedAt)) return [asFinding(error, check)];
        skipped.push({ name, group, because: error.message });
        return [];
      });
      return findings.map((finding): Found => ({ group, ...finding }));
    }),
  );
  return withoutRepeats([...found.flat(), ...notLookedAt(skipped)]);
}

async function withinLimit<P>(check: Check<P>, patient: P, limitMs: number): Promise<Finding[]> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<Finding[]>((resolve) => {
    timer = setTimeout(() => resolve([timedOut(check, limitMs)]), limitMs);
  });
  try {
    return await Promise.race([check.run(patient), limit]);
  } finally {
    clearTimeout(timer);
  }
}

function timedOut({ name, needed }: Pick<Check<never>, 'name' | 'needed'>, ms: number): Finding {
  return {
    id: 'check-timed-out',
    level: needed ? 'stop' : 'warning',
    title: `No answer in ${ms / 1_000} s: ${name}`,
    detail:
      'It was not waited for any longer. Something on the way does not answer, or is very slow.',
    fix: 'Run this again; where it lasts, check the network and the proxies.',
  };
}

function asFinding(
  error: unknown,
  { name, needed }: Pick<Check<never>, 'name' | 'needed'>,
): Finding {
  const unreadable = unreadableIn(error);
  if (unreadable) return encryptionFinding(unreadable);
  if (error instanceof AwsCallError) return awsFinding(error.detail, needed);
  if (grpcCode(error) !== undefined) return temporalFinding(error, needed, name);
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return {
    id: 'check-failed',
    level: needed ? 'stop' : 'warning',
    title: `Could not be looked at: ${name}`,
    detail: what,
    fix: 'This is a fault of vend itself: please report it.',
  };
}

/** One line for all that the same thing is missing for. */
function notLookedAt(skipped: readonly Skipped[]): Found[] {
  const reasons = new Map<string, Skipped[]>();
  for (const one of skipped) {
    const key = `${one.group}\n${one.because}`;
    reasons.set(key, [...(reasons.get(key) ?? []), one]);
  }
  return [...reasons.values()].flatMap((some) => {
    const [first] = some;
    if (!first) return [];
    return {
      group: first.group,
      id: 'not-looked-at' as const,
      level: 'note' as const,
      title: `Not looked at: ${some.map(({ name }) => name).join(', ')}`,
      detail: first.because,
    };
  });
}

/** Several checks meet the same fault; it is told once, where it came first. */
function withoutRepeats(found: readonly Found[]): Found[] {
  const seen = new Set<string>();
  return found.filter(({ id, title }) => {
    const key = `${id}\n${title}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
