/**
 * AWS's rules for the address of an account's root user, beyond the model's own pattern.
 * @see https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html
 */
const FORBIDDEN_LOCAL = /["'()<>[\]:;,\\|%&]/;

/** What is wrong with an address and what to do; empty where AWS would take it. Never repeats it. */
export function emailFaults(email: string): string[] {
  const faults: string[] = [];
  if (email.length < 6 || email.length > 64) {
    faults.push(`has ${email.length} characters; use an address of 6 to 64 characters`);
  }
  if (!/^[\s\x20-\x7e]*$/.test(email)) {
    faults.push('has characters outside printable 7-bit ASCII; use plain letters and digits');
  }
  if (/\s/.test(email)) faults.push('has white space; remove it');
  const [local = '', domain = '', ...more] = email.split('@');
  if (!email.includes('@') || more.length > 0) {
    return [...faults, 'must have exactly one @, as in aws+team-a@example.com'];
  }
  return [...faults, ...localFaults(local), ...domainFaults(domain)];
}

function localFaults(local: string): string[] {
  const faults: string[] = [];
  if (local === '') faults.push('has nothing before the @; give the mailbox name');
  if (local.startsWith('.')) faults.push('begins with a dot; AWS refuses that, remove the dot');
  if (FORBIDDEN_LOCAL.test(local)) {
    faults.push(
      String.raw`has a character before the @ that AWS refuses: remove any of " ' ( ) < > [ ] : ; , \ | % &`,
    );
  }
  return faults;
}

function domainFaults(domain: string): string[] {
  if (domain === '') return ['has nothing behind the @; give the domain'];
  const faults: string[] = [];
  if (/[^A-Za-z0-9.\s-]/.test(domain)) {
    faults.push('has a domain with other characters than letters, digits, hyphen and dot; mend it');
  }
  if (!domain.includes('.')) faults.push('has a domain without a dot; write it in full');
  if (/^[-.]|[-.]$/.test(domain)) {
    faults.push('has a domain that begins or ends with a hyphen or dot; remove that');
  }
  return faults;
}
