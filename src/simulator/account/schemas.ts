import { z } from 'zod';
import { ACCOUNT_ID } from '../ids';
import { REGIONS_PAGE_MAX } from '../limits';

/** Inputs as the "AWS Account Management API Reference" limits them. */

const account = { AccountId: z.string().regex(ACCOUNT_ID).optional() };

export const contactTypeInput = z.object({
  ...account,
  AlternateContactType: z.enum(['BILLING', 'OPERATIONS', 'SECURITY']),
});

export const contactInput = contactTypeInput.extend({
  Name: z.string().min(1).max(64),
  Title: z.string().min(1).max(50),
  EmailAddress: z
    .string()
    .min(1)
    .max(254)
    .regex(/^[\s]*[\w+=.#|!&-]+@[\w.-]+\.[\w]+[\s]*$/),
  PhoneNumber: z
    .string()
    .min(1)
    .max(25)
    .regex(/^[\s0-9()+-]+$/),
});

export const regionInput = z.object({ ...account, RegionName: z.string().min(1).max(50) });

export const STATUSES = [
  'ENABLED',
  'ENABLING',
  'DISABLING',
  'DISABLED',
  'ENABLED_BY_DEFAULT',
] as const;

export const listRegionsInput = z.object({
  ...account,
  MaxResults: z.int().min(1).max(REGIONS_PAGE_MAX).default(REGIONS_PAGE_MAX),
  NextToken: z.string().min(0).max(1000).optional(),
  RegionOptStatusContains: z.array(z.enum(STATUSES)).optional(),
});
