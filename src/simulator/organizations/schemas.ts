import { z } from 'zod';
import {
  ACCOUNT_ID,
  CHILD_ID,
  CREATE_ACCOUNT_REQUEST_ID,
  ORGANIZATIONAL_UNIT_ID,
  PARENT_ID,
  TAGGABLE_ID,
} from '../ids';
import { LIST_PAGE_MAX, NEXT_TOKEN_LENGTH_MAX } from '../limits';

/** Inputs as "API Reference, AWS Organizations" limits them; what breaks a rule names its Reason. */

const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

const tag = z.object({
  Key: z
    .string()
    .min(1)
    .max(128)
    .regex(TAG_TEXT)
    .refine((key) => !key.toLowerCase().startsWith('aws:'), {
      params: { reason: 'INVALID_SYSTEM_TAGS_PARAMETER' },
    }),
  Value: z.string().max(256).regex(TAG_TEXT),
});

const tags = z
  .array(tag)
  .refine((list) => new Set(list.map(({ Key }) => Key)).size === list.length, {
    params: { reason: 'DUPLICATE_TAG_KEY' },
  });

/** Free text is also searched for what looks like a script. */
const SCRIPT_LIKE = /<\s*\/?\s*[a-z!]|javascript:|\bon[a-z]+\s*=/i;

const accountName = z
  .string()
  .min(1)
  .max(50)
  .regex(/^[ -~]+$/)
  .refine((name) => !SCRIPT_LIKE.test(name), { params: { reason: 'INVALID_PATTERN' } });

const roleName = z
  .string()
  .regex(/^[\w+=,.@-]{1,64}$/)
  .refine((name) => !name.startsWith('AWSServiceRoleFor'), {
    params: { reason: 'INVALID_ROLE_NAME' },
  });

export const createAccount = z.object({
  Email: z
    .string()
    .min(6)
    .max(64)
    .regex(/^[^\s@]+@[^\s@]+\.[^\s@]+$/),
  AccountName: accountName,
  RoleName: roleName.default('OrganizationAccountAccessRole'),
  IamUserAccessToBilling: z.enum(['ALLOW', 'DENY']).default('ALLOW'),
});

/** Tags are judged after the rest of the input. */
export const createAccountTags = z.object({ Tags: tags.default([]) });

export const createGovCloudAccount = createAccount.extend({
  AccountName: accountName.regex(/^[A-Za-z0-9.-]+$/),
});

const paging = {
  NextToken: z.string().max(NEXT_TOKEN_LENGTH_MAX).optional(),
  MaxResults: z.int().min(1).max(LIST_PAGE_MAX).optional(),
};

const accountId = z.string().regex(ACCOUNT_ID);
const parentId = z.string().regex(PARENT_ID);

export const noInput = z.object({});
export const listInput = z.object(paging);
export const accountInput = z.object({ AccountId: accountId });
export const parentInput = z.object({ ParentId: parentId, ...paging });
export const childInput = z.object({ ChildId: z.string().regex(CHILD_ID), ...paging });
export const childrenInput = parentInput.extend({
  ChildType: z.enum(['ACCOUNT', 'ORGANIZATIONAL_UNIT']),
});

export const createStatusInput = z.object({
  CreateAccountRequestId: z.string().regex(CREATE_ACCOUNT_REQUEST_ID),
});

export const listCreateStatusInput = z.object({
  States: z.array(z.enum(['IN_PROGRESS', 'SUCCEEDED', 'FAILED'])).optional(),
  ...paging,
});

export const moveInput = z.object({
  AccountId: accountId,
  SourceParentId: parentId,
  DestinationParentId: parentId,
});

export const unitInput = z.object({
  OrganizationalUnitId: z.string().regex(ORGANIZATIONAL_UNIT_ID),
});

export const createUnitInput = z.object({
  ParentId: parentId,
  Name: z.string().min(1).max(128),
  Tags: tags.default([]),
});

export const resourceInput = z.object({
  ResourceId: z.string().regex(TAGGABLE_ID),
  NextToken: paging.NextToken,
});

export const tagResourceInput = z.object({ ResourceId: z.string().regex(TAGGABLE_ID), Tags: tags });
