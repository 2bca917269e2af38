/**
 * What is counted and measured, under which name: docs/metrics.md is written after this table, and a
 * test compares both with what a worker shows. No label ever names a vend, an account or a person.
 */
const PREFIX = 'account_vending_';

type Kind = 'counter' | 'gauge' | 'histogram';

/** One metric: its name in Prometheus, and what it means. */
export interface MetricDefinition {
  name: string;
  kind: Kind;
  help: string;
  /** Upper bounds of a histogram, in its unit. */
  buckets?: readonly number[];
}

function define<K extends Kind>(kind: K, name: string, help: string, buckets?: readonly number[]) {
  return { name: `${PREFIX}${name}`, kind, help, ...(buckets ? { buckets } : {}) };
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A vend takes seconds where AWS has nothing to do, and days where it waits for people. */
const OF_A_VEND = [
  1,
  5,
  15,
  MINUTE,
  5 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
  8 * HOUR,
  DAY,
  3 * DAY,
  7 * DAY,
];

/** The SDK gives up a call after 20 seconds. */
const OF_A_CALL = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];

/** Told by workflows, once for each thing that happens. */
export const Happened = {
  vendsStarted: define('counter', 'vends_started_total', 'Vends that have begun.'),
  vendsEnded: define('counter', 'vends_ended_total', 'Vends that have ended, by outcome.'),
  vendDuration: define(
    'histogram',
    'vend_duration_seconds',
    'From the request to the end of the vend.',
    OF_A_VEND,
  ),
  stageEntries: define('counter', 'stage_entries_total', 'Vends that have entered a stage.'),
  stageDuration: define(
    'histogram',
    'stage_duration_seconds',
    'Time in a stage, told when the vend leaves it.',
    OF_A_VEND,
  ),
  escalationsOpened: define('counter', 'escalations_opened_total', 'Times a person was asked.'),
  escalationsEnded: define(
    'counter',
    'escalations_ended_total',
    'Escalations that are over, by how.',
  ),
  escalationDuration: define(
    'histogram',
    'escalation_duration_seconds',
    'How long an escalation was open.',
    OF_A_VEND,
  ),
  notifications: define(
    'counter',
    'notifications_total',
    'Notifications, for each subscriber, by what became of them.',
  ),
} as const;

/** Told by the worker, of each call of AWS, also where nothing could be sent. */
export const Called = {
  awsCalls: define('counter', 'aws_calls_total', 'Calls of AWS, each attempt, by outcome.'),
  awsCallDuration: define(
    'histogram',
    'aws_call_duration_seconds',
    'Time until AWS has answered a call, or the worker has given it up.',
    OF_A_CALL,
  ),
} as const;

/** Read from Temporal again and again: right after a restart too, and the same on every worker. */
export const Counted = {
  vendsRunning: define('gauge', 'vends_running', 'Vends under way, by stage.'),
  vendsEscalated: define('gauge', 'vends_escalated', 'Vends with an open escalation, by reason.'),
  organizationsHeldBack: define(
    'gauge',
    'organizations_held_back',
    'Organizations in which nobody may create, by reason.',
  ),
  placesUsed: define('gauge', 'gate_places_used', 'Creations in progress by vends.'),
  placesForeign: define('gauge', 'gate_places_foreign', 'Creations in progress not by vends.'),
  placesAllowed: define('gauge', 'gate_places_allowed', 'Creations that may be in progress.'),
  waiting: define('gauge', 'gate_waiting', 'Vends that wait for a place to create.'),
  callsInDay: define('gauge', 'gate_creations_24h', 'CreateAccount calls of the last 24 hours.'),
  callsAllowed: define(
    'gauge',
    'gate_creations_allowed_24h',
    'CreateAccount calls that are allowed in 24 hours.',
  ),
  countedAt: define(
    'gauge',
    'counted_timestamp_seconds',
    'When the gauges were last read from Temporal; at first, when the worker has started.',
  ),
} as const;

/** Words for what is wrong: exceptions, FailureReasons, codes of packs, Temporal's time-outs. */
const A_WORD = /^[A-Za-z][\w.:-]{0,63}(?: time-out)?$/;

/** As the value of a label: one word, or `other`. What is no word could be anything. */
export function wordFor(text: string): string {
  return A_WORD.test(text) ? text : 'other';
}
