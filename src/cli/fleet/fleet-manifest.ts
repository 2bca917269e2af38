import { stringify } from 'yaml';
import type { VendManifest } from '../../contract';
import type { Fleet, FleetAccount } from './fleet';
import { plain } from '../io';

/** An account with the request id that it is brought in with. */
export interface NamedAccount extends FleetAccount {
  requestId: string;
  /** It carries the tag of a vend: it is ours already. */
  isOurs: boolean;
}

/**
 * Gives each account a request id, in an order that stays: the one of its tag, else one made from its account id. Many see
 * a request id, in workflow ids and logs, so none is made from an account's name.
 */
export function nameAccounts(fleet: Fleet): NamedAccount[] {
  const named = fleet.accounts.map((account): NamedAccount => ({
    ...account,
    requestId: account.requestId ?? `account-${account.accountId}`,
    isOurs: account.requestId !== undefined,
  }));
  return named.sort((a, b) => compare(a.unitPath, b.unitPath) || compare(a.requestId, b.requestId));
}

/** Not by the reader's language: the same order everywhere. */
function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

export function fleetManifest(
  fleet: Fleet,
  name: string,
  accounts: readonly NamedAccount[],
): VendManifest {
  return {
    name,
    defaults: { organizationId: fleet.organizationId },
    accounts: accounts.map(({ requestId, accountId, unitId }) => ({
      requestId,
      existingAccountId: accountId,
      organizationalUnit: unitId,
    })),
  };
}

/** The manifest as a person reads and edits it; the same fleet gives the same text. */
export function fleetYaml(fleet: Fleet, name: string, accounts: readonly NamedAccount[]): string {
  const lines = [
    `# The accounts that exist in organization ${fleet.organizationId}, as "vend discover" found them.`,
    '# Applying this brings them in: nothing is created, and nothing moves, since each names the unit in',
    '# which it stands. Each gets our tag, and what the configuration asks of every account: its tags,',
    '# contacts, opt-in regions, and the wait for conformance packs.',
    '# A request ID stays for ever: change those that you would rather have otherwise before you apply.',
    '#   vend apply -f THIS_FILE --dry-run',
    `name: ${scalar(name)}`,
    'defaults:',
    `  organizationId: ${scalar(fleet.organizationId)}`,
    '  # conformance: false # brings them in without waiting for conformance packs',
    accounts.length > 0 ? 'accounts:' : 'accounts: [] # there is none to bring in',
  ];
  let unitId: string | undefined;
  for (const account of accounts) {
    if (account.unitId !== unitId) {
      const place = account.unitPath ? comment(account.unitPath) : 'the root';
      lines.push(...(unitId === undefined ? [] : ['']), `  # In ${place}`);
      unitId = account.unitId;
    }
    const known = account.isOurs ? ', vended by us' : '';
    lines.push(
      `  - requestId: ${scalar(account.requestId)} # ${comment(account.name) || 'no name'}${known}`,
      `    existingAccountId: '${account.accountId}'`,
      `    organizationalUnit: ${scalar(account.unitId)}`,
    );
  }
  if (fleet.left.length > 0) {
    lines.push('', '# Left out:', ...leftLines(fleet).map((line) => `#   ${line}`));
  }
  return `${lines.join('\n')}\n`;
}

export function leftLines({ left }: Fleet): string[] {
  return [...left]
    .sort((a, b) => compare(a.accountId, b.accountId))
    .map(({ accountId, why }) => `${accountId}: ${why}`);
}

/** In quotes where YAML would read a number or a truth value. */
function scalar(value: string): string {
  return stringify(value).trimEnd();
}

function comment(text: string): string {
  return plain(text).trim();
}
