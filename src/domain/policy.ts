import type { AccountKind, AlternateContacts, ConformanceScope, Occasion } from '../contract';

/** A growing interval, in milliseconds. */
export interface Interval {
  initialMs: number;
  factor: number;
  maxMs: number;
}

/**
 * What a vend follows, read from the worker's configuration once, at the vend's start. A caller
 * passes a request, not a policy. Durations are milliseconds: the sandbox parses no text.
 */
export interface Policy {
  /** Names this installation in the request tag, where several share an organization. */
  installation?: string;
  creation: {
    /** CreateAccount calls a second; AWS allows twenty times as many looks at what was created. */
    perSecond: number;
    /** CreateAccount calls for one request before a person is asked. */
    perVend: number;
    poll: Interval;
    overdueAfterMs: number;
    reconcile: { settleMs: number; attempts: number };
    retry: { initialMs: number; maxMs: number; attempts: number };
  };
  conformance: {
    poll: Interval;
    recorderGraceMs: number;
  };
  /** Where a person must approve first. */
  approval?: { expiresAfterMs: number; allowRequester: boolean };
  /** Where somebody is to be told. */
  notify?: NotifyPolicy;
  /** A copy of the runbook that links lead to; default: the one in this repository. */
  runbookUrl?: string;
}

/** Of what somebody is to be told; who it is stays with the worker. */
export interface NotifyPolicy {
  on: Occasion[];
  remindEveryMs: number;
}

/** A pack that the new account must have, in one region. */
export interface RequiredPack {
  region: string;
  pack: string;
  /** The account that owns it, where that is a delegated administrator. */
  owner?: string;
}

/** The request as the vend follows it: checked, with the configuration's defaults filled in. */
export interface AdmittedRequest {
  requestId: string;
  existingAccountId?: string;
  kind: AccountKind;
  accountName?: string;
  email?: string;
  /** The address, lower-cased and hashed with the organization id: what the gate is told of it. */
  emailKey?: string;
  roleName?: string;
  iamUserAccessToBilling?: 'ALLOW' | 'DENY';
  /** The configuration's tags, the request's tags and the proof tag: what goes to AWS. */
  tags: Record<string, string>;
}

/** Which alternate contacts there are; what they say stays with the request and the configuration. */
export type ContactType = keyof AlternateContacts;

/** What the first activity found out. */
export interface Admission {
  request: AdmittedRequest;
  policy: Policy;
  organizationId: string;
  rootId: string;
  /** Where the account shall stand: an OU or the root. */
  organizationalUnitId: string;
  /** Where it is asked for: wait until the account can be used. AWS Config is asked in the region. */
  readiness?: { region: string; deadlineMs: number };
  /** Where it is asked for. */
  settling?: { contacts: ContactType[]; regions: string[] };
  conformance: { required: RequiredPack[]; scope: ConformanceScope; deadlineMs: number };
}
