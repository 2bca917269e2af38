/**
 * Types of the `ApplicationFailure`s that a caller sees. `details[0]` is the last `VendState`
 * (of `InvalidVendRequest` and `RequestConflict` followed by `details[1]`, a `FieldProblem[]`). A `vendBatch` whose manifest
 * cannot be used fails as `InvalidVendRequest`, without details: it is no vend.
 */
export const VendFailure = {
  /** The request breaks a rule, or names something that does not exist. Nothing was started. */
  InvalidVendRequest: 'InvalidVendRequest',
  /** The same requestId was used before with another e-mail, kind, name or organization. */
  RequestConflict: 'RequestConflict',
  /** Another request with this e-mail is on its way. */
  EmailInFlight: 'EmailInFlight',
  /** A person answered an escalation with `abandon`. */
  VendAbandoned: 'VendAbandoned',
  /** The approval was refused. */
  ApprovalRefused: 'ApprovalRefused',
  /** Nobody approved in time. */
  ApprovalExpired: 'ApprovalExpired',
} as const;
export type VendFailure = (typeof VendFailure)[keyof typeof VendFailure];

/** One fault of an input: which field, what is wrong with it and what to do. */
export interface FieldProblem {
  /** A path such as `email` or `conformance.packs[0]`. */
  field: string;
  message: string;
}
