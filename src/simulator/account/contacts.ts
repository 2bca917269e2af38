import type { AlternateContact } from '@aws-sdk/client-account';
import { AwsError } from '../wire/errors';
import type { AccountState, AlternateContactState } from '../world';
import { accountOperation } from './account-operation';
import * as schemas from './schemas';

/** Put again it is overwritten, so that a repeat changes nothing. */
export const putAlternateContact = accountOperation(
  schemas.contactInput,
  (world, account, input, call) => {
    const { AlternateContactType: type, Name, Title, EmailAddress, PhoneNumber } = input;
    account.alternateContacts = {
      ...account.alternateContacts,
      [type]: { name: Name, title: Title, email: EmailAddress, phone: PhoneNumber },
    };
    call.entry.committed = true;
    world.touch();
    return {};
  },
);

export const getAlternateContact = accountOperation(
  schemas.contactTypeInput,
  (_world, account, { AlternateContactType: type }) => {
    const { name, title, email, phone } = contactOf(account, type);
    const view: AlternateContact = {
      AlternateContactType: type,
      Name: name,
      Title: title,
      EmailAddress: email,
      PhoneNumber: phone,
    };
    return { AlternateContact: view };
  },
);

export const deleteAlternateContact = accountOperation(
  schemas.contactTypeInput,
  (world, account, { AlternateContactType: type }, call) => {
    contactOf(account, type);
    delete account.alternateContacts?.[type];
    call.entry.committed = true;
    world.touch();
    return {};
  },
);

function contactOf(account: AccountState, type: string): AlternateContactState {
  const contact = account.alternateContacts?.[type];
  if (contact) return contact;
  throw new AwsError(
    'ResourceNotFoundException',
    'No contact of the inputted alternate contact type found.',
  );
}
