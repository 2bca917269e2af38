import type { Colors } from '../io';
import type { Sight } from './look-at-account';
import type { StartOutcome } from '../vends/start-vend';
import type { RealVend } from './vend-for-real';

/** What is about to be done. The address and the name are not repeated: builds keep their logs. */
export function plan(
  organizationId: string,
  { configuration, request, command }: RealVend & { command: string },
): string[] {
  const unit = request.organizationalUnit ?? configuration.placement.organizationalUnit;
  return [
    `This vends ONE REAL ACCOUNT in organization ${organizationId}:`,
    `  request ${request.requestId}, to stand in ${unit ?? 'the root'}, ${packs(request)}`,
    '  · unless this request was vended before: then that account is looked at, and none is created',
    ...(configuration.approval.required ? [approvalAhead(configuration, request, command)] : []),
    '  · an account cannot be deleted: it can be closed, and is gone 90 days later',
    '  · its e-mail address stays taken, also after that',
    '  · it counts against the quota of accounts; closing counts against that of closures',
    '  · what conformance packs, and whatever else you deploy to new accounts, record there may cost something',
  ];
}

function approvalAhead(
  { approval }: RealVend['configuration'],
  { requestId }: RealVend['request'],
  command: string,
): string {
  const who = approval.allowRequester ? 'a person' : 'somebody else';
  return `  · not before ${who} approves it (${command} approve ${requestId}): this ends with 3 then, and goes on when it is run again`;
}

/** Why it ends before there is an account, where that is no end: what is to be typed, and then. */
export function unanswered(
  { requestId }: RealVend['request'],
  isApproving: boolean,
  command: string,
): string[] {
  const again = 'run this again: it goes on with the same account.';
  if (!isApproving) return [`When it is answered, ${again}`];
  return [
    'Nothing is created yet: it waits for an approval.',
    `  ${command} approve ${requestId}`,
    `When it is approved, ${again}`,
  ];
}

export function begun(requestId: string, { started, changed }: StartOutcome): string[] {
  if (started) return [`${requestId} is started. Ctrl-C only looks away.`];
  const there = `${requestId} is there already; no second account is made.`;
  if (changed.length === 0) return [there];
  return [
    there,
    `It has other values of ${changed.join(', ')} than you give now. Yours are not applied: the account is held against its own request.`,
  ];
}

function packs({ conformance }: RealVend['request']): string {
  if (conformance === false) return 'waiting for no conformance pack';
  return "waiting for the configuration's conformance packs";
}

export function sightLines(seen: readonly Sight[], paint: Colors): string[] {
  const isWell = seen.every(({ ok }) => ok);
  return [
    'What AWS shows of it:',
    ...seen.map(({ ok, what }) => `  ${ok ? paint.green('✓') : paint.red('✗')} ${what}`),
    isWell
      ? paint.green('The smoke test is passed.')
      : paint.red('The account is not as it should be.'),
  ];
}

export function closing(accountId: string): string[] {
  return [
    'To use its e-mail address again one day, change it first (Account Management). Then, to close it:',
    `  aws organizations close-account --account-id ${accountId}`,
  ];
}
