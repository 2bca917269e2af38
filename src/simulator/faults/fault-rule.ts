/** Which calls a rule looks at. Every member given must fit; `*` in a text stands for anything. */
export interface FaultMatch {
  /** `Email` of a creation, compared without case. */
  email?: string;
  accountName?: string;
  /** `AccountId`, `ChildId`, `ResourceId` or the detail filter's account. */
  accountId?: string;
  /** Value of the tag `account-vending:request-id` of a creation. */
  requestTag?: string;
  /** Organization conformance pack named in the call. */
  pack?: string;
  region?: string;
  /** A text that the raw request body contains. */
  contains?: string;
}

export interface FaultScope {
  /** Shown in the journal. Default: a number. */
  id?: string;
  /** `CreateAccount`, `DescribeAccount`, …; default: every operation. */
  operation?: string;
  match?: FaultMatch;
  /** The first matching call that is hit, counted from 1. Default 1. */
  nth?: number;
  /** How many matching calls are hit. Default 1, or `always` where `probability` is given. */
  times?: number | 'always';
  /** Chance, 0 to 1, that a matching call is hit. Default 1. */
  probability?: number;
  /**
   * `before`: AWS never did what was asked. `after`: it did, only the answer suffers. Default
   * `before`; the kinds that spoil an answer (`cut-body`, `wrong-date`, `unknown-enum`,
   * `extra-fields`, `delay`) default to `after`.
   */
  phase?: 'before' | 'after';
}

export interface InjectedError {
  /** `TooManyRequestsException`, or a name that no model knows. May carry a `namespace#`. */
  name: string;
  reason?: string;
  message?: string;
  /** HTTP status; default as AWS documents it for that name: 400, for ServiceException 500. */
  status?: number;
}

export type Fault =
  | { kind: 'error'; error: InjectedError }
  /** The socket is reset without an answer: the client sees ECONNRESET. */
  | { kind: 'reset' }
  /** Status 200 and half a body, then the socket ends. */
  | { kind: 'cut-body' }
  /** A load balancer's HTML page; status 503 unless told otherwise. */
  | { kind: 'html'; status?: number }
  /** No answer until the client gives up. */
  | { kind: 'hang' }
  /** A `Date` header that is off by so much (default one hour). */
  | { kind: 'wrong-date'; shiftMs?: number }
  /** Every `State`, `Status` and `RegionOptStatus` in the answer becomes a value that no model knows. */
  | { kind: 'unknown-enum'; value?: string }
  /** Members that no model knows appear in the answer. */
  | { kind: 'extra-fields' }
  /** `after`: the answer is late. `before`: AWS acts late, even when the client has gone by then. */
  | { kind: 'delay'; delayMs: number };

export type FaultKind = Fault['kind'];

export type FaultRule = FaultScope & Fault;
