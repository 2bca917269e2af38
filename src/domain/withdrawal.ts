/** Update of a vend, sent by the Nexus handler alone: one of those that wait for it does not want it any more. */
export const WITHDRAW_CALLER = 'withdrawCaller';

export interface Withdrawal {
  /** The call that is withdrawn; telling it again changes nothing. */
  call: string;
}

/** So many calls have been withdrawn. */
export interface Withdrawn {
  calls: number;
}
