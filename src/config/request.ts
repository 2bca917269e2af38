import { z } from 'zod';
import { isSharedWorkflowId } from '../contract';
import type { FieldProblem, VendRequest } from '../contract';
import { accountId, accountName, alternateContacts, bounded, idName } from './fields';
import { organizationalUnit, packs, regionList, roleName, rootEmail } from './fields';
import { problemsOf, withoutRepeats, type Parsed } from './problems';
import { isTooLarge, LARGEST_REQUEST } from '../domain/bounds';
import { fitsAsTemporalId, isObject } from '../domain/shape';
import { tags } from './tags';
import { durationText, fields, oneOf, text } from './schema';

/** Characters are not what Temporal counts. */
const TOO_MANY_BYTES = 'is longer than 1000 bytes in UTF-8; shorten it';

const conformance = fields(
  {
    packs: packs()
      .optional()
      .describe(
        'all (default): every organization conformance pack there is when the vend starts; or names. A name must exist in every region; region/name means that region alone.',
      ),
    regions: regionList()
      .min(1, 'is empty; name a region or leave it out')
      .optional()
      .describe("Regions whose packs are waited for. Default: the configuration's."),
    scope: oneOf(['account', 'organization'])
      .optional()
      .describe(
        "account (default): the new account's own row of every pack must be successful; organization: the organization-wide status must be as well.",
      ),
    deadline: durationText()
      .optional()
      .describe(
        "After this long a person is asked; the wait goes on. Default: the configuration's, 8h.",
      ),
  },
  'false, or an object with packs, regions, scope, deadline',
);

/** The request's shape; every field stands for itself. What fields demand of each other: below. */
export const requestShape = fields(
  {
    requestId: idName('a request ID such as team-a-prod').describe(
      'The identity of the vend: the same ID means the same account, for ever. 1-63 lower-case letters, digits and hyphens.',
    ),
    organizationId: text('an organization ID such as o-exampleorgid')
      .regex(/^o-[a-z0-9]{10,32}$/, 'must be o- and 10-32 lower-case letters and digits')
      .optional()
      .describe(
        "The organization that is meant: refused before any write where the worker's credentials belong to another.",
      ),
    existingAccountId: accountId()
      .optional()
      .describe(
        'Twelve digits, in quotes: brings in an account that exists; nothing is created, and the later stages run as asked.',
      ),
    kind: oneOf(['standard', 'govcloud'])
      .optional()
      .describe(
        'standard (default): CreateAccount. govcloud: CreateGovCloudAccount, which makes a commercial and a GovCloud account; all later stages concern the commercial one, the GovCloud account stays standalone, untagged and unchecked.',
      ),
    accountName: accountName()
      .optional()
      .describe(
        'Name of the account, 1-50 printable ASCII characters; for govcloud letters, digits, hyphen and dot only. Required unless existingAccountId is given.',
      ),
    email: rootEmail()
      .optional()
      .describe(
        "The root user's address, 6-64 characters, used by no other AWS account. Required unless existingAccountId is given.",
      ),
    roleName: roleName()
      .optional()
      .describe(
        'Name of the role that the management account may assume. Default: OrganizationAccountAccessRole.',
      ),
    iamUserAccessToBilling: oneOf(['ALLOW', 'DENY'])
      .optional()
      .describe('Whether IAM users may see billing. Default: ALLOW.'),
    tags: tags()
      .optional()
      .describe(
        "Tags of the account, names and values; at most 49, because one of AWS's 50 is ours.",
      ),
    organizationalUnit: organizationalUnit()
      .optional()
      .describe(
        "Where the account shall stand: an ID (ou-…, r-…) or a path of names from the root (Workloads/Prod). Default: the configuration's, else the root.",
      ),
    alternateContacts: alternateContacts()
      .optional()
      .describe(
        "The account's alternate contacts, as the Account Management API has them. Default: the configuration's; given, it wins as a whole.",
      ),
    regions: regionList()
      .optional()
      .describe("Opt-in regions to enable, awaited. Default: the configuration's."),
    notifyWorkflow: fields(
      {
        workflowId: bounded('a workflow ID', 1000)
          .refine(fitsAsTemporalId, TOO_MANY_BYTES)
          .refine(
            (id) => !isSharedWorkflowId(id),
            'is the gate of an organization, or a watch, which listen to vends alone; name a workflow of yours',
          )
          .describe('ID of the workflow that is told.'),
        signal: bounded('the name of a signal', 1000)
          .refine(fitsAsTemporalId, TOO_MANY_BYTES)
          .describe('Name of the signal it is sent.'),
      },
      'an object with workflowId and signal',
    )
      .optional()
      .describe(
        'A parent workflow that wants to hear of its vend: when the account exists, when escalated, when resolved, at the end.',
      ),
    conformance: z
      .union([z.literal(false), conformance], {
        error: 'must be false, or an object with packs, regions, scope, deadline',
      })
      .optional()
      .describe(
        'Which conformance packs must be successful before the account counts as ready; false: none.',
      ),
  },
  'a request: an object with requestId, accountName, email and so on',
).meta({
  title: 'VendRequest',
  description: 'One AWS account to vend.',
  anyOf: [{ required: ['existingAccountId'] }, { required: ['accountName', 'email'] }],
});

/** As many faults as anybody mends at once. They are part of a failure, and of a history. */
const MOST_PROBLEMS = 50;

/** Every fault of a request, or the request as it was given: defaults are filled in by the worker. */
export function parseRequest(input: unknown): Parsed<VendRequest> {
  if (isTooLarge(input)) {
    const message = `is larger than any request: at most ${LARGEST_REQUEST / 1_000} kB as JSON; shorten it`;
    return { ok: false, problems: [{ field: '(whole input)', message }] };
  }
  const shaped = requestShape.safeParse(input);
  const problems = withoutRepeats([
    ...(shaped.success ? [] : problemsOf(shaped.error.issues)),
    ...relationFaults(input),
  ]);
  if (!shaped.success || problems.length > 0) return { ok: false, problems: atMost(problems) };
  return { ok: true, value: shaped.data as VendRequest };
}

function atMost(problems: FieldProblem[]): FieldProblem[] {
  const more = problems.length - MOST_PROBLEMS;
  if (more <= 0) return problems;
  const message = `has ${more} more faults; mend these first`;
  return [...problems.slice(0, MOST_PROBLEMS), { field: '(whole input)', message }];
}

/** Checked on the raw input, so that these too are listed when another field is wrong. */
function relationFaults(input: unknown): FieldProblem[] {
  if (!isObject(input)) return [];
  const request: Partial<Record<keyof VendRequest, unknown>> = input;
  const problems: FieldProblem[] = [];
  if (request.existingAccountId === undefined) {
    const unless = 'unless existingAccountId brings in an account that exists';
    if (request.accountName === undefined) {
      problems.push({ field: 'accountName', message: `is required: give a name, ${unless}` });
    }
    if (request.email === undefined) {
      const message = `is required: give the root user's e-mail address, ${unless}`;
      problems.push({ field: 'email', message });
    }
  }
  if (
    request.kind === 'govcloud' &&
    typeof request.accountName === 'string' &&
    !/^[A-Za-z0-9.-]*$/.test(request.accountName)
  ) {
    const message = 'may hold only letters, digits, hyphen and dot for govcloud; remove the rest';
    problems.push({ field: 'accountName', message });
  }
  return problems;
}
