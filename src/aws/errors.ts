import type { AwsError, CallOutcome } from '../domain/aws-error';
import { isThrottling } from '../domain/dispositions';
import { withoutAddresses } from '../domain/redact';

/** Network errors before anything was sent. */
const NOT_SENT_CODES = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
/** Those behind which something may have been sent. */
const AWAY_CODES = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT']);
const AWAY_NAMES = new Set(['TimeoutError']);
/** The SDK's where it has no credentials, and our own where it was too late (`in-time.ts`). */
const NOT_SENT_NAMES = new Set(['CredentialsProviderError', 'TokenProviderError', 'TooLate']);
const CONNECT_TIMEOUT = /did not establish a connection/;

/**
 * What an error of an SDK call means, as plain data. Told by name and never by HTTP code where AWS
 * gives a name: the codes documented and the codes of the SDK's model differ.
 * @param secrets what must not stand in the message: the account's name and e-mail address
 */
export function describeAwsError(
  operation: string,
  error: unknown,
  secrets: readonly (string | undefined)[] = [],
): AwsError {
  const name = shortOf(textOf(error, 'name')) ?? 'UnknownError';
  const reason = shortOf(textOf(error, 'Reason'));
  const message = textOf(error, 'message') || textOf(error, 'Message') || name;
  return {
    operation,
    name,
    ...(reason ? { reason } : {}),
    message: clean(message, secrets),
    outcome: outcomeOf(error, name),
  };
}

function outcomeOf(error: unknown, name: string): CallOutcome {
  const code = codeOf(error);
  if (code && NOT_SENT_CODES.has(code)) return 'not-sent';
  if (NOT_SENT_NAMES.has(name)) return 'not-sent';
  if (CONNECT_TIMEOUT.test(textOf(error, 'message') ?? '')) return 'not-sent';
  const status = statusOf(error);
  const isServiceAnswer = fieldOf(error, '$fault') === 'client' && name !== 'Unknown';
  if (isServiceAnswer && typeof status === 'number' && status >= 400 && status < 500) {
    return 'rejected';
  }
  // Such as that of who gives the credentials, for which the call had still to wait.
  return fieldOf(error, 'hasGoneOut') === false ? 'not-sent' : 'unknown';
}

/** Whoever gives credentials is away, or has too much to do: it says nothing about them. */
export function isForTheMoment(error: unknown): boolean {
  const name = textOf(error, 'name') ?? '';
  if (NOT_SENT_NAMES.has(name)) return false;
  const code = codeOf(error);
  const status = statusOf(error);
  return (
    isThrottling(name) ||
    AWAY_NAMES.has(name) ||
    (code !== undefined && (NOT_SENT_CODES.has(code) || AWAY_CODES.has(code))) ||
    (typeof status === 'number' && (status >= 500 || status === 429))
  );
}

/** Of the network, or of Node. */
function codeOf(error: unknown): string | undefined {
  return textOf(error, 'code') ?? textOf(fieldOf(error, 'cause'), 'code');
}

function statusOf(error: unknown): unknown {
  return fieldOf(fieldOf(error, '$metadata'), 'httpStatusCode');
}

/** AWS's texts can quote the request, and ARNs can hold a person's address. */
export function clean(message: string, secrets: readonly (string | undefined)[] = []): string {
  // Of a page of HTML that a proxy sends the beginning tells enough. Cut before and behind: what is cut
  // in the middle of an address is not the part that is shown.
  let text = message.slice(0, 10_000);
  for (const secret of secrets) {
    if (secret) text = text.replaceAll(secret, '[hidden]');
  }
  return withoutAddresses(text).slice(0, 1_000);
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === 'object' && value !== null && field in value
    ? (value as Record<string, unknown>)[field]
    : undefined;
}

/** It becomes a search attribute. AWS's own words are shorter. */
function shortOf(word: string | undefined): string | undefined {
  return word === undefined ? undefined : withoutAddresses(word.slice(0, 200));
}

function textOf(value: unknown, field: string): string | undefined {
  const text = fieldOf(value, field);
  return typeof text === 'string' ? text : undefined;
}
