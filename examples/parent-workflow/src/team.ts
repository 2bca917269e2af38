/** What workflows, worker and those who start them have in common. */

export const ONBOARDING_QUEUE = 'team-onboarding';

export type Environment = 'dev' | 'stage' | 'prod';
export const ENVIRONMENTS: readonly Environment[] = ['dev', 'stage', 'prod'];

export interface TeamRequest {
  /** Lower-case letters, digits and hyphens: the request ids are made of it. */
  team: string;
  /** Addresses for the root users: the first is used, the others where AWS says that one is taken. */
  emails: Record<Environment, string[]>;
  /** Task queue of account-vending's worker. Default: the usual one. */
  vendingQueue?: string;
  /** How often vends are looked at that say nothing. Default: 1h. */
  lookEvery?: '1h' | '1s';
}

export interface TeamResult {
  team: string;
  /** Account ids. */
  accounts: Partial<Record<Environment, string>>;
  /** The team goes on without these, for now. */
  without: { environment: Environment; failure: string; accountId?: string }[];
}
