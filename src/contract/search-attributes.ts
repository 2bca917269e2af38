import { defineSearchAttributeKey } from '@temporalio/common';

/** The search attributes of a vend, all Keyword. They hold no e-mail address and no account name. */
export const SearchAttribute = {
  stage: defineSearchAttributeKey('VendStage', 'KEYWORD'),
  requestId: defineSearchAttributeKey('VendRequestId', 'KEYWORD'),
  accountId: defineSearchAttributeKey('VendAccountId', 'KEYWORD'),
  /** The escalation's reason while one is open; absent otherwise. */
  escalation: defineSearchAttributeKey('VendEscalation', 'KEYWORD'),
  organizationalUnit: defineSearchAttributeKey('VendOrganizationalUnit', 'KEYWORD'),
} as const;

/** Their names, for those who register them. */
export const SEARCH_ATTRIBUTE_NAMES: readonly string[] = Object.values(SearchAttribute).map(
  (key) => key.name,
);
