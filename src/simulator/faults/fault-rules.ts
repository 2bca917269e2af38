import type { World } from '../world';
import type { Call } from '../wire/call';
import { peekCreation, requestTagOf } from './behaviours';
import type { Fault, FaultMatch, FaultRule } from './fault-rule';

/** A fault that is about to hit a call. */
export interface PlannedFault {
  label: string;
  phase: 'before' | 'after';
  fault: Fault;
  /** Told when it did hit: an `after` fault spares a call that AWS refused anyway. */
  spend(): void;
}

interface Injected {
  rule: FaultRule;
  label: string;
  /** Matching calls so far. */
  seen: number;
  /** Calls that it hit. */
  hits: number;
}

const SPOILS_THE_ANSWER = new Set<Fault['kind']>([
  'cut-body',
  'wrong-date',
  'unknown-enum',
  'extra-fields',
  'delay',
]);

/** Rules in the order of their injection; the first that fires takes the call. */
export class FaultRules {
  #rules: Injected[] = [];
  #injected = 0;

  inject(rule: FaultRule): void {
    this.#injected += 1;
    const label = rule.id ?? `${rule.kind}-${this.#injected}`;
    this.#rules.push({ rule, label, seen: 0, hits: 0 });
  }

  clear(): void {
    this.#rules = [];
    this.#injected = 0;
  }

  plan(world: World, call: Call): PlannedFault | undefined {
    let planned: PlannedFault | undefined;
    for (const injected of this.#rules) {
      if (!matches(injected.rule, call)) continue;
      injected.seen += 1;
      if (!planned && fires(world, injected)) planned = plan(injected);
    }
    return planned;
  }
}

function plan(injected: Injected): PlannedFault {
  const { rule, label } = injected;
  return {
    label,
    phase: rule.phase ?? (SPOILS_THE_ANSWER.has(rule.kind) ? 'after' : 'before'),
    fault: rule,
    spend: () => {
      injected.hits += 1;
    },
  };
}

function fires(world: World, { rule, label, seen, hits }: Injected): boolean {
  if (seen < (rule.nth ?? 1)) return false;
  const times = rule.times ?? (rule.probability === undefined ? 1 : 'always');
  if (times !== 'always' && hits >= times) return false;
  return (
    rule.probability === undefined || world.random.chance(rule.probability, 'fault', label, seen)
  );
}

function matches({ operation, match = {} }: FaultRule, call: Call): boolean {
  return (
    (operation === undefined || operation === call.operation) &&
    (match.contains === undefined || call.rawBody.includes(match.contains)) &&
    Object.entries(values(call)).every(([name, value]) => fits(match, name, value))
  );
}

function fits(match: FaultMatch, name: string, value: string): boolean {
  const pattern: unknown = Reflect.get(match, name);
  return typeof pattern !== 'string' || wildcard(pattern).test(value);
}

/** What a rule can look at, by the names of {@link FaultMatch}. */
function values(call: Call): Record<Exclude<keyof FaultMatch, 'contains'>, string> {
  const { input } = call;
  const { email, tags } = peekCreation(input);
  const text = (...members: string[]): string => {
    const found = members.map((member) => input[member]).find((value) => typeof value === 'string');
    return typeof found === 'string' ? found : '';
  };
  const { Filters: filters, OrganizationConformancePackNames: packs } = input;
  const filtered: unknown =
    typeof filters === 'object' && filters !== null ? Reflect.get(filters, 'AccountId') : undefined;
  return {
    email,
    accountName: text('AccountName'),
    accountId:
      typeof filtered === 'string'
        ? filtered
        : text('AccountId', 'ChildId', 'ResourceId', 'RoleArn'),
    requestTag: requestTagOf(tags),
    pack:
      text('OrganizationConformancePackName') ||
      (Array.isArray(packs) ? packs.map(String).join() : ''),
    region: call.region,
  };
}

function wildcard(pattern: string): RegExp {
  const parts = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${parts.join('.*')}$`, 'is');
}
