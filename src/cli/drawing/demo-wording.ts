import type { VendRequest } from '../../contract';
import { formatDuration } from '../../domain/duration';
import { colors, plain, type Io } from '../io';
import type { VendView } from '../vends/read-vend';
import { table } from './table';
import { ageOf, outcomeLine } from './wording';

/** What the demo says besides the progress. */

export function demoSteps(requests: readonly VendRequest[]): string[] {
  const lines = requests.map(({ requestId, kind, organizationalUnit }) => {
    const pair = kind === 'govcloud' ? ', as a pair with a GovCloud account' : '';
    return `  ${requestId}  into ${organizationalUnit ?? 'the root'}${pair}`;
  });
  return [`Vending ${requests.length} accounts at once:`, ...lines];
}

export function demoEscalation(io: Io, view: VendView, command: string): string[] {
  const { requestId, state } = view;
  const paint = colors(io);
  const reason = plain(state?.escalation?.reason ?? 'an escalation');
  return [
    '',
    paint.yellow(`  ${requestId} needs a person: ${reason}`),
    '  It waits, and loses nothing. Somebody would now type:',
    '',
    `    ${paint.bold(command)}`,
    '',
    '  In a few seconds the demo answers the same by itself.',
    '',
  ];
}

/** So that the lines we print work in another terminal, whatever is set there. */
export function demoIo(io: Io, address: string): Io {
  const isFound = address.endsWith(':7233') && !io.env['TEMPORAL_ADDRESS'];
  return isFound ? io : { ...io, command: `TEMPORAL_ADDRESS=${address} ${io.command}` };
}

export function demoEnd(
  io: Io,
  views: readonly VendView[],
  demo: { uiUrl: string; simulatorUrl: string; stays: boolean },
): string[] {
  const paint = colors(io);
  const titles = ['REQUEST', 'ACCOUNT', 'GOVCLOUD', 'UNIT', 'PACKS', 'TIME'];
  const [head = '', ...rows] = table([titles, ...views.map(cells)]);
  const lines = ['', `  ${paint.dim(head)}`, ...rows.map((row) => `  ${row}`), ''];
  for (const view of views.filter(({ status }) => status !== 'COMPLETED')) {
    lines.push(paint.red(`  ${view.requestId}: ${outcomeLine(view)}`));
  }
  if (!demo.stays) return lines;
  const own =
    'start --request-id my-first --account-name "My first" --email aws+my-first@example.com';
  return [
    ...lines,
    '  Try next, in another terminal:',
    ...['show team-c-dev', `${own} --wait`, 'list --all'].map(
      (rest) => `    ${io.command} ${rest}`,
    ),
    '  What asks AWS itself (doctor, discover) needs to know of the simulator:',
    `    export AWS_ENDPOINT_URL=${demo.simulatorUrl} AWS_ACCESS_KEY_ID=demo AWS_SECRET_ACCESS_KEY=demo`,
    `    ${io.command} doctor`,
    '',
    `  Everything in the Web UI: ${demo.uiUrl}`,
    '  Ctrl-C ends the demo and all that it started.',
  ];
}

function cells(view: VendView): string[] {
  const { requestId, result } = view;
  if (!result) return [requestId, '-', '-', '-', '-', view.status];
  const required = result.conformance.filter(({ status }) => status !== 'EXCLUDED');
  const successful = required.filter(({ status }) => status.endsWith('_SUCCESSFUL'));
  return [
    requestId,
    result.accountId,
    result.govCloudAccountId ?? '-',
    result.organizationalUnitId,
    `${successful.length} of ${required.length}`,
    formatDuration(ageOf(view)),
  ];
}
