import { z } from 'zod';
import { isOrganizationalUnitId } from '../domain/organizational-unit';
import { emailFaults } from './email';
import { fields, list, text } from './schema';

/** Fields that request, manifest and configuration share. Rules: the AWS API reference of each. */

/** A name that goes into workflow ids and tags. */
export function idName(expected: string) {
  return text(expected).regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'must be 1-63 lower-case letters, digits and hyphens, neither beginning nor ending with a hyphen',
  );
}

export function accountId() {
  return text('an account ID of twelve digits').regex(
    /^\d{12}$/,
    'must be an account ID of exactly twelve digits (in quotes, so that leading zeros stay)',
  );
}

export function accountName() {
  return text('an account name').regex(
    /^[\x20-\x7e]{1,50}$/,
    'must be 1-50 printable ASCII characters: no accents and no other scripts',
  );
}

export function rootEmail() {
  return text("the root user's e-mail address")
    .superRefine((value, context) => {
      for (const message of emailFaults(value)) context.addIssue({ code: 'custom', message });
    })
    .meta({ format: 'email', minLength: 6, maxLength: 64 });
}

export function roleName() {
  return text('a role name')
    .regex(/^[\w+=,.@-]{1,64}$/, 'must be 1-64 letters, digits or any of _ + = , . @ -')
    .refine((value) => !value.startsWith('AWSServiceRoleFor'), {
      error: 'begins with AWSServiceRoleFor, which AWS keeps for itself; choose another name',
    });
}

const UNIT_ID_EXAMPLES = 'ou-ab12-cd34ef56, r-ab12';
/** AWS nests organizational units at most five deep under the root. */
const DEEPEST_UNIT = 5;

export function organizationalUnit() {
  return text('an organizational unit: its ID or its path from the root')
    .superRefine((value, context) => {
      const message = unitFault(value);
      if (message) context.addIssue({ code: 'custom', message });
    })
    .meta({ maxLength: 700, examples: ['Workloads/Prod', 'ou-ab12-cd34ef56', 'r-ab12'] });
}

function unitFault(value: string): string | undefined {
  if (isOrganizationalUnitId(value)) return undefined;
  if (value.startsWith('ou-') && !value.includes('/')) {
    return `looks like an ID but is none: write ${UNIT_ID_EXAMPLES}, or a path such as Workloads/Prod`;
  }
  const names = value.split('/');
  if (names.some((name) => name.trim() === '' || name.length > 128)) {
    return 'must be names of 1-128 characters joined by single slashes, such as Workloads/Prod, without one at either end';
  }
  if (names.length > DEEPEST_UNIT) {
    return `is ${names.length} names deep; AWS nests organizational units at most ${DEEPEST_UNIT} deep`;
  }
  return undefined;
}

export function regionList() {
  return list(
    text('a region code such as eu-central-1')
      .max(30, 'is too long for a region code')
      .regex(/^[a-z]{2,5}(?:-[a-z]+)+-\d{1,2}$/, 'must be a region code such as eu-central-1'),
    { expected: 'a list of region codes such as [eu-central-1]', max: 50 },
  );
}

const PACK = /^(?:[a-z]{2,5}(?:-[a-z]+)+-\d{1,2}\/)?[a-zA-Z][-a-zA-Z0-9]{0,127}$/;

export function packs() {
  const names = list(
    text('the name of a conformance pack').regex(
      PACK,
      'must be a pack name (a letter, then letters, digits and hyphens, at most 128), or region/name',
    ),
    { expected: 'a list of names', max: 200 },
  ).min(1, 'is empty; name at least one pack, write all, or set conformance: false');
  return z.union([z.literal('all'), names], {
    error: 'must be all, or a list of pack names such as [Baseline, us-east-1/Encryption]',
  });
}

export function alternateContacts() {
  const contact = (whose: string) =>
    fields(
      {
        name: bounded('a name', 64).describe('Full name of the contact.'),
        title: bounded('a title', 50).describe('Job title of the contact.'),
        email: bounded('an e-mail address', 254)
          .regex(
            /^\s*[\w+=.#|!&-]+@[\w.-]+\.\w+\s*$/,
            'must be an e-mail address as AWS takes it for contacts, such as cloud@example.com',
          )
          .describe('E-mail address of the contact.'),
        phone: bounded('a phone number', 25)
          .regex(/^[\s0-9()+-]+$/, 'must hold digits, spaces, ( ) + and - only')
          .describe('Phone number of the contact.'),
      },
      'a contact with name, title, email and phone',
    ).describe(`The account's alternate contact for ${whose}.`);
  return fields(
    {
      billing: contact('billing').optional(),
      operations: contact('operations').optional(),
      security: contact('security').optional(),
    },
    'an object with billing, operations or security',
  );
}

export function bounded(expected: string, max: number) {
  return text(expected)
    .min(1, `is empty; give ${expected} of 1-${max} characters`)
    .max(max, `is longer than ${max} characters; shorten it`);
}
