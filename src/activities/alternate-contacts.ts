import { PutAlternateContactCommand } from '@aws-sdk/client-account';
import type { AccountClient, AlternateContactType } from '@aws-sdk/client-account';
import { log } from '@temporalio/activity';
import type { AlternateContact, AlternateContacts } from '../contract';
import type { ContactType } from '../domain/policy';
import { call, outcomeOf } from './aws-calls';
import type { ActivityDeps } from './deps';
import type { OrganizationLookup } from './organization';
import type { Outcome } from './outcomes';

export interface ContactsInput {
  organizationId: string;
  /** Absent in what earlier versions have scheduled. */
  requestId?: string;
  accountId: string;
  /** The request's own. The configuration's are read here, so that they are in no history. */
  given?: AlternateContacts;
}

const TYPES: Readonly<Record<ContactType, AlternateContactType>> = {
  billing: 'BILLING',
  operations: 'OPERATIONS',
  security: 'SECURITY',
};

/** Which contacts there are, in a fixed order. */
export function contactTypes(contacts: { [Type in ContactType]?: unknown } = {}): ContactType[] {
  const all = Object.keys(TYPES) as ContactType[];
  return all.filter((type) => contacts[type] !== undefined);
}

/**
 * Puts the alternate contacts. Idempotent. They name persons: nothing of them is logged or answered.
 * @see https://docs.aws.amazon.com/accounts/latest/reference/API_PutAlternateContact.html
 */
export function putAlternateContacts(
  deps: ActivityDeps,
  lookup: OrganizationLookup,
  input: ContactsInput,
): Promise<Outcome<ContactType[]>> {
  return outcomeOf(async () => {
    await lookup.expect(input.organizationId);
    const contacts = input.given ?? deps.configuration.defaults.alternateContacts ?? {};
    const types = contactTypes(contacts);
    const { account: client } = deps.aws.writersFor(input.requestId);
    for (const type of types) {
      const contact = contacts[type];
      if (contact) await put(client, input.accountId, type, contact);
    }
    log.info('the alternate contacts are set', { accountId: input.accountId, contacts: types });
    return types;
  });
}

async function put(
  client: AccountClient,
  accountId: string,
  type: ContactType,
  contact: AlternateContact,
): Promise<void> {
  const { name, title, email, phone } = contact;
  const command = new PutAlternateContactCommand({
    AccountId: accountId,
    AlternateContactType: TYPES[type],
    Name: name,
    Title: title,
    EmailAddress: email,
    PhoneNumber: phone,
  });
  await call(
    'PutAlternateContact',
    () => client.send(command),
    [name, title, email, phone].flatMap((secret) => [secret, secret.trim()]),
  );
}
