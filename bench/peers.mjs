/**
 * Others beside us, on one and the same simulator in the same run: what each makes of each fault of a
 * plan, and how long 1, 10 and 60 accounts take. What they say is compared with what is true.
 */
import { createRequire } from 'node:module';
import { Client, Connection } from '@temporalio/client';
import { PUBLISHED, idealMakespan } from './makespan/ideal.mjs';
import { CONTESTANTS, ORG_FORMATION, OURS } from './peers/contestants.mjs';
import { FAULTS } from './peers/faults.mjs';
import { installOrgFormation } from './peers/commands.mjs';
import { trial } from './peers/trial.mjs';
import { check, median, printMachine, round, say, table } from './report.mjs';

const require = createRequire(import.meta.url);
const { startTemporal } = require('../lib/local/temporal-server.js');
const { SEARCH_ATTRIBUTE_NAMES } = require('../lib/contract/index.js');

const CREATION_MS = { faults: { min: 17_000, max: 23_000 }, counts: { min: 7_000, max: 13_000 } };
const COUNTS = [1, 10, 60];
/** Whoever has not ended by then is counted as not ended. */
const LIMIT_MS = 13 * 60_000;
/** They mostly wait. */
const AT_ONCE = 16;
const LIKE_NONE = FAULTS[0];

export async function measure() {
  say(
    'peers: others beside us on one simulator, under eight faults and under none, and for 1, 10 and 60 accounts',
  );
  const contestants = await thoseThatCanRun();
  const temporal = await startTemporal({ searchAttributes: SEARCH_ATTRIBUTE_NAMES, ui: false });
  const connection = await Connection.connect({ address: temporal.address });
  const { namespace } = temporal;
  try {
    const bench = { temporal, client: new Client({ connection, namespace }) };
    const results = await runAll(trials(contestants), bench);
    for (const { name, what } of contestants) say(`  ${name}: ${what}`);
    reportFaults(results);
    reportCounts(results);
    judge(results.filter(({ contestant }) => contestant === OURS));
    await printMachine(connection);
  } finally {
    await connection.close();
    await temporal.close();
  }
}

/** Without a registry org-formation is left out, and says so. */
async function thoseThatCanRun() {
  try {
    await installOrgFormation();
    return CONTESTANTS;
  } catch (error) {
    say(`  ${ORG_FORMATION} is left out, since npm could not install it: ${lastLine(error)}`);
    return CONTESTANTS.filter(({ name }) => name !== ORG_FORMATION);
  }
}

function lastLine({ message }) {
  return String(message).trim().split('\n').at(-1);
}

/** Those that take long come first. Each fault has the same creations for everybody. */
function trials(contestants) {
  const counts = COUNTS.toReversed().flatMap((count, n) =>
    contestants.map((contestant) => ({
      ...contestant,
      seed: n + 1,
      fault: LIKE_NONE,
      count,
      creationMs: CREATION_MS.counts,
    })),
  );
  const faults = FAULTS.flatMap((fault, n) =>
    contestants.map((contestant) => ({
      ...contestant,
      seed: COUNTS.length + n + 1,
      fault,
      creationMs: CREATION_MS.faults,
      again: true,
    })),
  );
  return [...counts, ...faults].toSorted((one, other) => weight(other) - weight(one));
}

/** Who tries eleven times takes ten minutes for it. */
function weight({ count = 1, isSlowToFail, fault }) {
  return count + (isSlowToFail && fault !== LIKE_NONE ? 30 : 0);
}

async function runAll(waiting, bench) {
  const results = [];
  const all = waiting.length;
  const one = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { name, fault, count = 1 } = next;
      try {
        const result = await trial({ ...next, bench, limitMs: LIMIT_MS });
        results.push(result);
        const says = result.said.map(wording).join(', then ');
        console.log(`  ${results.length} of ${all}: ${name}, ${fault.name}, ${count}: ${says}`);
      } catch (error) {
        say(`  FAILED to measure ${name} (${fault.name}, ${count}): ${lastLine(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return results;
}

function reportFaults(results) {
  say(
    `\nOne request, a creation of 20 ± 3 s, AWS's published rates. "Says" is how the run ended; where it failed, ` +
      'it was run again once, 30 s later. "So?": whether that was so: after "success" the account is in its unit ' +
      'with its tags, after "failure" and "asks" there is none. "Doubles": CreateAccount carried out though an ' +
      'earlier one for the request was in progress or had succeeded; only the address then keeps it from being a ' +
      'second account. Of the nine, eight can be fulfilled.',
  );
  for (const fault of FAULTS) {
    const those = results.filter((one) => one.fault === fault.name && one.again);
    if (those.length === 0) continue;
    say(`\n${fault.name}: ${fault.what}`);
    table(inOrder(those).map(faultRow));
  }
  say('\nthe nine together');
  table(CONTESTANTS.map(({ name }) => sumRow(name, results)).filter(Boolean));
}

function faultRow(one) {
  return {
    '': one.contestant,
    says: one.said.map(wording).join(', then '),
    'so?':
      one.said
        .filter(({ isTrue }) => isTrue !== undefined)
        .map(({ isTrue }) => (isTrue ? 'yes' : 'NO'))
        .join(', ') || '-',
    'CreateAccount calls': one.creations,
    'carried out': one.accepted,
    doubles: one.doubles,
    'accounts made': one.made,
    'as asked for': one.ready,
    'AWS calls': one.calls,
    seconds: round((one.said.at(-1).atMs - one.startedAt) / 1_000, 0),
  };
}

/** AWS's last word for why is enough. */
function wording({ says, why = '' }) {
  const reasons = why.match(/\b(?:[A-Z]{3,}(?:_[A-Z]+)+|[A-Z]\w+Exception)\b/g) ?? [];
  return reasons.length > 0 ? `${says} (${reasons.at(-1)})` : says;
}

function sumRow(name, results) {
  const those = results.filter(({ contestant, again }) => contestant === name && again);
  if (those.length === 0) return undefined;
  const first = those.map(({ said }) => said.find(({ isTrue }) => isTrue !== undefined));
  const sum = (what) => those.reduce((all, one) => all + one[what], 0);
  return {
    '': name,
    'first word true': `${first.filter((said) => said?.isTrue).length} of ${those.length}`,
    'as asked for after one run': `${first.filter((said) => said?.isTrue && said.says === 'success').length} of ${those.length}`,
    'after a second': `${sum('ready')} of ${those.length}`,
    'CreateAccount calls': sum('creations'),
    'carried out': sum('accepted'),
    doubles: sum('doubles'),
    'accounts made': sum('made'),
    'AWS calls': sum('calls'),
  };
}

function reportCounts(results) {
  const those = results.filter(({ again }) => !again);
  say(
    `\nTime for ${COUNTS.join(', ')} accounts: creations of 10 ± 3 s, no fault, AWS's published rates, ` +
      `${LIMIT_MS / 60_000} minutes at most. "Ideal" could not be done faster with the same creations. ` +
      '"Lag": from SUCCEEDED at AWS to the next call about that account.',
  );
  for (const count of COUNTS) {
    say(`\n${count} account${count === 1 ? '' : 's'}`);
    table(inOrder(those.filter((one) => one.count === count)).map(countRow));
  }
}

function countRow(one) {
  const { durations, said, startedAt, count, lags } = one;
  const [first] = said;
  const { atMs } = first;
  const isAll = one.ready === count;
  const idealMs = idealMakespan(durations, PUBLISHED);
  return {
    '': one.contestant,
    says: wording(first),
    'as asked for': `${one.ready} of ${count}`,
    seconds: round((atMs - startedAt) / 1_000, 1),
    'ideal s': isAll ? round(idealMs / 1_000, 1) : '-',
    ratio: isAll ? round((atMs - startedAt) / idealMs, 2) : '-',
    'CreateAccount calls': one.creations,
    'carried out': one.accepted,
    doubles: one.doubles,
    'accounts made': one.made,
    'AWS calls an account': one.made > 0 ? round(one.calls / one.made, 1) : '-',
    'answered TooManyRequests': one.throttled,
    'lag s, median': lags.length > 0 ? round(median(lags) / 1_000, 1) : '-',
    'lag s, worst': lags.length > 0 ? round(Math.max(...lags) / 1_000, 1) : '-',
  };
}

function inOrder(results) {
  return CONTESTANTS.flatMap(({ name }) => results.filter(({ contestant }) => contestant === name));
}

/** Only we have promised anything. */
function judge(ours) {
  const faults = ours.filter(({ again }) => again);
  say(`\n${OURS}`);
  const bad = (holds) => faults.filter((one) => !holds(one)).map(({ fault }) => fault);
  const none = (faulty) => faulty.join(', ') || 'none';
  check('faults under which it was measured', faults.length, FAULTS.length);
  check(
    'faults under which it said what was not so',
    none(bad(({ said }) => said.every(({ isTrue }) => isTrue !== false))),
    'none',
  );
  check(
    'faults that left a request without an account as asked for',
    none(bad(({ ready, fault }) => ready === 1 || isHopeless(fault))),
    'none',
  );
  check('faults under which an account was made twice', none(bad(({ made }) => made <= 1)), 'none');
  check('faults under which it sent a double', none(bad(({ doubles }) => doubles === 0)), 'none');
}

function isHopeless(name) {
  return FAULTS.find((fault) => fault.name === name)?.isHopeless;
}
