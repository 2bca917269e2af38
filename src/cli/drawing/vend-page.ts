import type { ConformanceRow, VendState } from '../../contract';
import { formatDuration } from '../../domain/duration';
import { colors, plain, type Colors, type Io } from '../io';
import type { VendView } from '../vends/read-vend';
import {
  ageOf,
  clockTime,
  escalationAge,
  headline,
  moreAbout,
  nextSteps,
  outcomeLine,
  waitText,
} from './wording';

/** The page of `vend show`. */
export function vendPage(io: Io, view: VendView): string[] {
  const paint = colors(io);
  const { state } = view;
  return [
    `${paint.bold(view.requestId)}  ${headline(view)}`,
    '',
    ...facts(view),
    ...outcome(view, paint),
    ...(state && view.status === 'RUNNING' ? waiting(io, state, paint) : []),
    ...(state ? [...conformance(state.conformance ?? [], paint), ...passed(state, paint)] : []),
  ];
}

function facts(view: VendView): string[] {
  const { state, attributes, workflowId, status } = view;
  const rows: [string, string | undefined][] = [
    ['account', state?.accountId ?? attributes['VendAccountId']],
    [
      'GovCloud',
      state?.govCloudAccountId && `${state.govCloudAccountId} (standalone, untagged, unchecked)`,
    ],
    ['unit', state?.organizationalUnitId ?? attributes['VendOrganizationalUnit']],
    ['AWS request', state?.createAccountRequestIds.join(', ')],
    ['workflow', `${workflowId} (${status})`],
    ['started', `${clockTime(view.startedAt)}, ${formatDuration(ageOf(view))} ${spent(view)}`],
  ];
  const shown = rows
    .filter(([, value]) => value)
    .map(([name, value = '']) => `  ${name.padEnd(12)}${plain(value)}`);
  if (state) return shown;
  return [
    ...shown,
    '',
    `  No worker answers${onQueue(view)}, so this is what Temporal itself knows. Start the worker.`,
  ];
}

/** A worker of another task queue may well run. */
function onQueue({ taskQueue }: VendView): string {
  return taskQueue === undefined ? '' : ` on task queue ${plain(taskQueue)}`;
}

function spent(view: VendView): string {
  return view.status === 'RUNNING' ? 'ago' : 'in all';
}

function outcome(view: VendView, paint: Colors): string[] {
  if (view.status === 'RUNNING') return [];
  const line = outcomeLine(view);
  return ['', `  ${view.status === 'COMPLETED' ? paint.green(line) : paint.red(line)}`];
}

function waiting(io: Io, state: VendState, paint: Colors): string[] {
  const { escalation } = state;
  if (!escalation) return calmly(io, state);
  return [
    '',
    paint.yellow(`  Needs a person: ${plain(escalation.reason)} (${escalation.id})`),
    `  ${plain(escalation.message)}`,
    `  ${escalationAge(escalation)}`,
    '',
    '  You can:',
    ...nextSteps(io, state).map((line) => `    ${line}`),
    '',
    ...moreAbout(escalation).map((line) => `  ${line}`),
  ];
}

/** Nobody has to hurry: it waits for time, for AWS, or for an approval. */
function calmly(io: Io, state: VendState): string[] {
  const steps = nextSteps(io, state);
  return [
    ...(state.waitingFor ? ['', `  Waits for ${waitText(state.waitingFor)}`] : []),
    ...(steps.length > 0 ? ['', '  You can:', ...steps.map((line) => `    ${line}`)] : []),
  ];
}

function conformance(rows: readonly ConformanceRow[], paint: Colors): string[] {
  if (rows.length === 0) return [];
  const width = Math.max(...rows.map(({ region, pack }) => `${region}/${pack}`.length));
  const lines = rows.map((row) => {
    const name = `${row.region}/${row.pack}`.padEnd(width);
    const why = row.errorCode ? `  ${row.errorCode}: ${row.errorMessage ?? ''}` : '';
    const waived = row.by ? `  by ${row.by}: ${row.reason ?? ''}` : '';
    return plain(`    ${name}  ${row.status}${why}${waived}`);
  });
  return ['', paint.dim('  Conformance packs'), ...lines];
}

function passed({ history, decisions }: VendState, paint: Colors): string[] {
  const lines = ['', paint.dim('  Passed')];
  for (const { at, stage, note } of history) {
    lines.push(`    ${clockTime(at)}  ${stage}${note ? `: ${plain(note)}` : ''}`);
  }
  if (decisions.length === 0) return lines;
  lines.push('', paint.dim('  Decided'));
  for (const { at, by, action, reason, escalationId } of decisions) {
    const why = reason ? `: ${reason}` : '';
    lines.push(plain(`    ${clockTime(at)}  ${action} by ${by} (${escalationId})${why}`));
  }
  return lines;
}
