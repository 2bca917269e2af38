/** Update of a vend, sent by the Nexus handler alone: one of those that wait for it does not want it any more. */
export const WITHDRAW_CALLER = 'withdrawCaller';

export interface Withdrawal {
  /** Who: `<namespace>/<workflow id>`, or the call itself where Temporal does not say. */
  caller: string;
  /** So many calls of this caller Temporal knows of at this moment. */
  calls: number;
}

/** How often each caller had called when it withdrew last. One that calls again after that wants it again. */
export type Withdrawn = Record<string, number>;
