/** What a run came to: one plain object, and a page to read. */
import { createRequire } from 'node:module';
import { SPARED } from './aws-chaos.mjs';

const require = createRequire(import.meta.url);
const { judge } = require('./oracle.cjs');

/** AWS's own limit. */
const MOST_IN_PROGRESS = 5;

/** @param run all that was noted; `vends` with the state of those that did not end */
export function reportOf({ seed, startedAt, vends, simulator, kills, restarts, fleet, ...rest }) {
  const snapshot = simulator.snapshot();
  const journal = simulator.journal();
  const { mostInProgress, addressTaken, ...verdict } = judge({
    vends,
    snapshot,
    createdAccounts: simulator.createdAccounts(),
  });
  const missedPoints = Object.keys(kills).filter((point) => kills[point] === 0);
  const isClean = Object.values(verdict).every((found) => found.length === 0);
  return {
    ok: isClean && missedPoints.length === 0 && mostInProgress <= MOST_IN_PROGRESS,
    seed,
    seconds: Math.round((Date.now() - startedAt) / 1000),
    requests: vends.length,
    accounts: snapshot.accounts.filter((account) => account.createAccountRequestId).length,
    ...verdict,
    missedPoints,
    kills,
    serverRestarts: restarts,
    workersStarted: fleet.started,
    workersEndedByThemselves: fleet.faults,
    ...rest,
    mostInProgress,
    addressTaken,
    createAccountCalls: journal.filter(({ operation }) => operation === 'CreateAccount').length,
    committedCreations: snapshot.requests.length,
    awsCalls: journal.length,
    faults: faultsOf(journal),
    evidence: evidenceOf(verdict, vends, journal),
  };
}

function faultsOf(journal) {
  const faults = {};
  for (const { fault, operation } of journal) {
    if (!fault || fault === SPARED) continue;
    const counts = (faults[operation] ??= {});
    counts[fault] = (counts[fault] ?? 0) + 1;
  }
  return faults;
}

/** Of whatever went wrong: how the vend stands, and what the simulator saw of it. */
function evidenceOf(verdict, vends, journal) {
  const found = Object.values(verdict).flat();
  return vends
    .filter(({ requestId }) => found.some((line) => line.split(' ').includes(requestId)))
    .map(({ requestId, status, state, history }) => ({
      requestId,
      status,
      state,
      history,
      creations: journal.filter(({ requestTag }) => requestTag === requestId),
    }));
}

/** The same for a person. */
export function pageOf(report) {
  const { kills, faults, answers } = report;
  const lines = [
    `seed ${report.seed}: ${report.ok ? 'as promised' : 'NOT AS PROMISED'}, after ${report.seconds} s`,
    '',
    row('requests', report.requests),
    row('accounts', report.accounts),
    ...['double', 'lost', 'stuck', 'wrong'].flatMap((what) => [
      row(what, report[what].length),
      ...report[what].map((line) => `    ${line}`),
    ]),
    row('most in progress at a time', report.mostInProgress),
    '',
    row('CreateAccount calls', report.createAccountCalls),
    row('creations that AWS accepted', report.committedCreations),
    row('stopped by the address alone', report.addressTaken.length),
    row('AWS calls in all', report.awsCalls),
    '',
    'workers killed',
    ...tally(kills),
    row('points that were not met', report.missedPoints.join(', ') || 'none'),
    row('worker processes', report.workersStarted),
    row('ended by themselves', report.workersEndedByThemselves.length),
    ...report.workersEndedByThemselves.map((how) => `    ${how}`),
    row('Temporal restarted', report.serverRestarts.join(', ') || 'never'),
    row('started twice', report.startedTwice),
    '',
    'creations ended by what was wrong with the organization',
    ...tally(report.endedByIssue),
    '',
    'answers of the operator',
    ...tally(answers),
    '',
    'faults of AWS',
    ...Object.entries(faults).map(([operation, counts]) => row(operation, words(counts))),
  ];
  if (report.evidence.length > 0) {
    const { evidence, gate } = report;
    lines.push('', 'evidence', JSON.stringify({ vends: evidence, gate }, undefined, 2));
  }
  return lines.join('\n');
}

function row(what, value) {
  return `  ${what.padEnd(36)} ${value}`;
}

function tally(counts) {
  const entries = Object.entries(counts);
  if (entries.length === 0) return ['  none'];
  return entries.map(([what, count]) => row(what, count));
}

function words(counts) {
  return Object.entries(counts)
    .map(([what, count]) => `${what} ${count}`)
    .join(', ');
}
