import * as nexus from 'account-vending/nexus';

export { parent } from './plain';

/** Holds on to all that a caller by Nexus imports: a bundler can leave nothing of it out. */
export async function caller(): Promise<string> {
  return `${nexus.accountVending.name} ${JSON.stringify(nexus)}`;
}
