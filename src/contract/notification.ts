import type { Escalation } from './escalation';
import type { ConformanceRow, Stage } from './state';

/** What somebody can ask to be told of: `escalation.notify[].on` of the configuration. */
export const Occasion = {
  /** A vend waits for an approval. */
  approving: 'approving',
  /** A person is asked. Told again every `escalation.remindEvery`. */
  escalated: 'escalated',
  /** That is over: answered, or gone by itself. */
  resolved: 'resolved',
  /** The account is ready. */
  completed: 'completed',
  /** The vend ended otherwise: failed, abandoned or cancelled. */
  failed: 'failed',
} as const;
export type Occasion = (typeof Occasion)[keyof typeof Occasion];

/**
 * What a webhook or an SNS topic receives, as JSON. It holds no e-mail address and no account name:
 * people look up the `requestId`.
 */
export interface VendNotification {
  /** `vend.escalated`, `vend.completed`, …; `organization.escalated` for what concerns all vends. */
  type: `${'vend' | 'organization'}.${Occasion}`;
  /** ISO 8601: when it happened. */
  timestamp: string;
  data: VendNotificationData;
}

export interface VendNotificationData {
  /** Absent where it concerns the organization. */
  requestId?: string;
  /** The vend, or the organization's gate. */
  workflowId: string;
  organizationId?: string;
  stage?: Stage;
  accountId?: string;
  govCloudAccountId?: string;
  organizationalUnitId?: string;
  /** Of `escalated`: what is asked; of `resolved`: what was. */
  escalation?: Escalation;
  /** Of a reminder: which one it is, from 1. */
  reminder?: number;
  /** Of `approving`: ISO 8601, when the request expires. */
  expiresAt?: string;
  /** Of `resolved` and `failed`: what came of it, for a person. */
  outcome?: string;
  /** Of `failed`: the type of the failure, such as `VendAbandoned`. */
  failure?: string;
  /** Of `completed`: the packs in the account. */
  conformance?: ConformanceRow[];
  /** Of an organization: how many vends wait for a place. */
  waiting?: number;
  /** What can be typed now. */
  commands?: string[];
}
