/**
 * What became of a call that gave no answer we can use.
 * - `rejected`: AWS refused it; nothing happened.
 * - `not-sent`: it never reached AWS; nothing happened.
 * - `unknown`: everything else. Of a write it cannot be told whether it happened.
 */
export type CallOutcome = 'rejected' | 'not-sent' | 'unknown';

/** An error of an AWS call, as plain data: what an activity returns and the workflow judges. */
export interface AwsError {
  /** The API operation, such as `MoveAccount`. */
  operation: string;
  /** AWS's name of the exception, such as `ConstraintViolationException`; else the client's. */
  name: string;
  /** The exception's `Reason`, where it has one. */
  reason?: string;
  /** AWS's text, cleaned of e-mail addresses and of the account's name. */
  message: string;
  outcome: CallOutcome;
}

/** A reason is a search attribute as well, and an id of AWS's words; none that AWS documents is half as long. */
export const LONGEST_REASON = 200;

/** The one word for it: what an escalation gives as its reason. */
export function reasonOf(error: AwsError): string {
  return error.reason ?? error.name;
}

/** Name of the error of a creation that we withhold, because it may have been sent before. */
export const MAY_NOT_BE_THE_FIRST = 'MayNotBeTheFirst';
