import type { GateState } from '../../contract';
import { formatDuration } from '../../domain/duration';
import { gateSteps } from '../../domain/next-steps';
import type { GateRef } from '../vends/find-gate';
import { colors, plain, type Io } from '../io';
import { clockTime, moreAbout, waitText } from './wording';

/** The page of `vend show --organization`. */
export function gatePage(io: Io, { workflowId }: GateRef, state: GateState): string[] {
  const paint = colors(io);
  const { escalations, inProgress, maxInProgress, foreign, waiting } = state;
  const headline = escalations[0]
    ? `held back: ${plain(escalations[0].reason)}`
    : `${waiting} waiting`;
  return [
    `${paint.bold(state.organizationId)}  ${headline}`,
    '',
    `  creating    ${inProgress} of ${maxInProgress} places${foreign > 0 ? `, and ${foreign} creations not by vends` : ''}`,
    `  calls       ${state.callsToday} CreateAccount in 24 h, of ${state.callsAllowedToday} allowed`,
    `  workflow    ${workflowId}`,
    // What holds everybody back is told below, with what can be done.
    ...(state.waitingFor && !escalations[0]
      ? ['', `  The next one waits for ${waitText(state.waitingFor)}`]
      : []),
    ...escalations.flatMap((escalation) => [
      '',
      paint.yellow(`  Needs a person: ${plain(escalation.reason)} (${escalation.id})`),
      `  ${plain(escalation.message)}`,
      `  Since ${clockTime(escalation.since)} (${ageOf(escalation.since)}), met ${times(escalation.attempts)}; ${next(escalation.nextCheckAt)}.`,
      '',
      '  You can:',
      ...gateSteps(escalation, escalations.length > 1).map(
        ({ command }) => `    ${io.command} ${command}`,
      ),
      '',
      ...moreAbout(escalation).map((line) => `  ${line}`),
    ]),
    ...section(
      paint.dim('  Creating'),
      state.places.map(({ requestId, since, probe, ended }) => {
        const what = probe ? ', to find out whether it is over' : '';
        return `${requestId}  since ${ageOf(since)}${what}${ended ? ', its vend has ended' : ''}`;
      }),
    ),
    ...section(paint.dim('  Waiting'), [
      ...state.queue.map(({ requestId }) => requestId),
      ...(waiting > state.queue.length ? [`and ${waiting - state.queue.length} more`] : []),
    ]),
    ...section(
      paint.dim('  Decided'),
      state.decisions.map(({ at, by, action, escalationId, reason }) =>
        plain(
          `${clockTime(at)}  ${action} by ${by} (${escalationId})${reason ? `: ${reason}` : ''}`,
        ),
      ),
    ),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `    ${line}`)];
}

function ageOf(since: string): string {
  return formatDuration(Date.now() - Date.parse(since));
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function next(nextCheckAt: string | undefined): string {
  return nextCheckAt
    ? `one vend tries by itself at ${clockTime(nextCheckAt)}`
    : 'waits until it is answered';
}
