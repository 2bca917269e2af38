import type { CreateRequestState, World } from '../world';

/** Finer rules than the model's pattern ("CreateAccount", parameter Email); AWS finds them out later. */
const LOCAL_PART = /^(?!\.)[!-~]+$/;
const FORBIDDEN_IN_LOCAL_PART = /["'()<>[\]:;,\\|%&\s]/;
const DOMAIN = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/;

export function isAcceptableEmail(email: string): boolean {
  const at = email.indexOf('@');
  const local = email.slice(0, at);
  const domain = email.slice(at + 1);
  return (
    LOCAL_PART.test(local) &&
    !FORBIDDEN_IN_LOCAL_PART.test(local) &&
    DOMAIN.test(domain) &&
    domain.includes('.')
  );
}

export function sameEmail(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/**
 * Why the address of a creation cannot be used, if so. An address belongs to one account in all of
 * AWS, for ever: a closed account keeps its own.
 */
export function emailConflict(world: World, request: CreateRequestState): string | undefined {
  const { accounts, organization, requests, knobs } = world.data;
  if (organization.foreignEmails.includes(request.email.toLowerCase())) {
    return 'EMAIL_ALREADY_EXISTS';
  }
  const sibling = requests.find(
    (other) =>
      other.sequence < request.sequence &&
      sameEmail(other.email, request.email) &&
      (other.completedAt ?? Number.POSITIVE_INFINITY) > request.requestedAt &&
      other.state !== 'FAILED',
  );
  if (sibling) return knobs.sameEmailReason;
  if (accounts.some((account) => sameEmail(account.email, request.email))) {
    return 'EMAIL_ALREADY_EXISTS';
  }
  const kept =
    knobs.internalFailureKeepsEmail &&
    requests.some(
      (other) =>
        other.sequence < request.sequence &&
        other.failureReason === 'INTERNAL_FAILURE' &&
        sameEmail(other.email, request.email),
    );
  return kept ? 'EMAIL_ALREADY_EXISTS' : undefined;
}
