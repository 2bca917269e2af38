import { alternateContacts, packs, regionList, roleName } from './fields';
import { subscribers } from './subscribers';
import { decimal, duration, fields, list, oneOf, text, truth, wholeNumber } from './schema';

/** The larger sections of the configuration file, each with its defaults. */

const ROLE_ARN = /^arn:aws(?:-[a-z]+)*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/;
const roleArn = () =>
  text('the ARN of a role').regex(
    ROLE_ARN,
    'must be the ARN of a role, such as arn:aws:iam::111122223333:role/Vending',
  );
const externalId = () =>
  text('an external ID').regex(
    /^[\w+=,.@:/-]{2,1224}$/,
    'must be 2-1224 letters, digits or any of _ + = , . @ : / -',
  );

export const aws = fields({
  managementRoleArn: roleArn()
    .optional()
    .describe("Role assumed before calling AWS. Default: the SDK's own credential chain."),
  readRoleArn: roleArn()
    .optional()
    .describe(
      'Role in the same account, assumed for what only reads. Default: managementRoleArn reads as well.',
    ),
  externalId: externalId().optional().describe('External ID used when assuming these roles.'),
});

export const defaults = fields({
  roleName: roleName().optional().describe("The request's roleName."),
  iamUserAccessToBilling: oneOf(['ALLOW', 'DENY'])
    .optional()
    .describe("The request's iamUserAccessToBilling."),
  alternateContacts: alternateContacts().optional().describe("The request's alternateContacts."),
  regions: regionList().optional().describe("The request's regions."),
});

export const email = fields({
  allowedDomains: list(
    text('a domain such as example.com')
      .max(64, 'is longer than 64 characters, as no e-mail address may be')
      .regex(/^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/, 'must be a domain such as example.com'),
    { expected: 'a list of domains such as [example.com]', max: 500 },
  )
    .default([])
    .describe(
      'Domains that addresses of new accounts may have; empty: all. An address that nobody reads means an account without a root user.',
    ),
});

export const creation = fields({
  maxInProgress: wholeNumber(1, 20)
    .default(5)
    .describe('Creations in progress at a time. AWS allows five in an organization.'),
  perSecond: decimal(0.001, 1000)
    .default(0.1)
    .describe("CreateAccount calls a second, steadily. AWS's published rate is 0.1."),
  burst: wholeNumber(1, 1000).default(3).describe("CreateAccount calls at once. AWS's burst is 3."),
  perVend: wholeNumber(1, 100)
    .default(10)
    .describe('CreateAccount calls for one request before a person is asked.'),
  perDay: wholeNumber(1, 100_000)
    .default(1000)
    .describe('CreateAccount calls in 24 hours before a person is asked.'),
  poll: fields({
    initial: duration().prefault('3s').describe('Time to the first look at a creation.'),
    factor: decimal(1, 10).default(1.5).describe('By which the time to the next look grows.'),
    max: duration().prefault('30s').describe('Longest time between two looks.'),
  })
    .prefault({})
    .describe('How often a creation in progress is looked at.'),
  overdueAfter: duration()
    .prefault('30m')
    .describe('A creation in progress for this long is told to a person; the wait goes on.'),
  reconcile: fields({
    settle: duration()
      .prefault('10s')
      .describe('Time to the first look; doubled for each further.'),
    attempts: wholeNumber(1, 10).default(4).describe('Empty looks before a request is sent again.'),
  })
    .prefault({})
    .describe('How a request whose answer was lost is looked for.'),
  retry: fields({
    initial: duration().prefault('1m').describe('Wait before the second attempt.'),
    max: duration().prefault('1h').describe('Longest wait between two attempts.'),
    attempts: wholeNumber(1, 100).default(5).describe('Attempts in all before a person is asked.'),
  })
    .prefault({})
    .describe('Failures that can pass by themselves, such as INTERNAL_FAILURE.'),
  recheck: duration()
    .prefault('1h')
    .describe('How often PENDING_BUSINESS_VALIDATION is looked at again by ourselves.'),
});

const owner = fields({
  roleArn: roleArn().describe('Role in the account that owns the packs.'),
  externalId: externalId().optional().describe('External ID used when assuming that role.'),
  regions: regionList().optional().describe('Regions in which it owns packs. Default: all.'),
});

export const conformance = fields({
  regions: regionList()
    .min(1, 'is empty; name at least one region')
    .default(['us-east-1'])
    .describe('Regions whose conformance packs are waited for.'),
  packs: packs().default('all').describe('all, or names that must exist in every region.'),
  scope: oneOf(['account', 'organization'])
    .default('account')
    .describe("Whether the account's own row decides, or the organization-wide status as well."),
  poll: fields({
    initial: duration().prefault('60s').describe('Time between the first looks.'),
    max: duration().prefault('5m').describe('Longest time between two looks.'),
  })
    .prefault({})
    .describe('How often conformance packs are looked at.'),
  deadline: duration().prefault('8h').describe('After this long a person is asked.'),
  recorderGrace: duration()
    .prefault('30m')
    .describe('So long a missing configuration recorder is waited for before a person is told.'),
  allowNone: truth()
    .default(false)
    .describe('Whether a region without any conformance pack is accepted.'),
  owners: list(owner, { expected: 'a list of { roleArn, externalId, regions }', max: 50 })
    .default([])
    .describe('Accounts that own conformance packs besides the management account.'),
});

export const escalation = fields({
  remindEvery: duration().prefault('24h').describe('How often an open escalation is told again.'),
  notify: subscribers().default([]).describe('Who is told of escalations and ends.'),
  runbookUrl: text('a URL')
    .max(500, 'is longer than 500 characters')
    .regex(/^https?:\/\/[^\s#@]+$/, 'must be a URL that begins with https:// and has no #')
    .optional()
    .describe(
      'Where a copy of docs/runbook.md is served. Links of escalations lead there; default: its path in this repository.',
    ),
});
