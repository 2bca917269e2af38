import { z } from 'zod';
import { ACCOUNT_ID } from '../ids';
import { CONFIG_NAMES_MAX, EXCLUDED_ACCOUNTS_MAX } from '../limits';

/** Inputs as the "AWS Config API Reference" limits them. */

const packName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[a-zA-Z][-a-zA-Z0-9]*$/);

/** Limit is judged by hand: out of range is InvalidLimitException and not a ValidationException. */
const paging = { Limit: z.int().optional(), NextToken: z.string().optional() };

export const describePacksInput = z.object({
  OrganizationConformancePackNames: z.array(packName).max(CONFIG_NAMES_MAX).optional(),
  ...paging,
});

const STATUSES = [
  'CREATE_SUCCESSFUL',
  'CREATE_IN_PROGRESS',
  'CREATE_FAILED',
  'DELETE_SUCCESSFUL',
  'DELETE_FAILED',
  'DELETE_IN_PROGRESS',
  'UPDATE_SUCCESSFUL',
  'UPDATE_IN_PROGRESS',
  'UPDATE_FAILED',
] as const;

export const detailedStatusInput = z.object({
  OrganizationConformancePackName: packName,
  Filters: z
    .object({
      AccountId: z.string().regex(ACCOUNT_ID).optional(),
      Status: z.enum(STATUSES).optional(),
    })
    .optional(),
  ...paging,
});

export const putPackInput = z
  .object({
    OrganizationConformancePackName: packName,
    TemplateS3Uri: z.string().min(1).max(1024).startsWith('s3://').optional(),
    TemplateBody: z.string().min(1).max(51_200).optional(),
    ExcludedAccounts: z.array(z.string().regex(ACCOUNT_ID)).max(EXCLUDED_ACCOUNTS_MAX).default([]),
  })
  .refine((input) => input.TemplateS3Uri !== undefined || input.TemplateBody !== undefined, {
    message: 'TemplateBody or TemplateS3Uri is required.',
  });

export const deletePackInput = z.object({ OrganizationConformancePackName: packName });
