import type { JournalEntry } from '../types';

export type ServiceName = 'organizations' | 'config' | 'sts' | 'iam' | 'account';

/** What of a signature the simulator reads: who signs, for which Region and service. */
export interface CredentialScope {
  accessKeyId: string;
  region: string;
  service: string;
}

/** One request of a client, understood. */
export interface Call {
  service: ServiceName;
  operation: string;
  scope: CredentialScope | undefined;
  region: string;
  callerAccountId: string;
  input: Record<string, unknown>;
  rawBody: string;
  /** The line that the journal will keep; operations note in it what they committed. */
  entry: JournalEntry;
}

/** What goes back, before faults spoil it. */
export interface Answer {
  status: number;
  contentType: string;
  body: string;
  headers: Record<string, string>;
  /** The JSON behind the body, for faults that change members. */
  output?: Record<string, unknown>;
}

/** A value as it travels: AWS JSON 1.1 writes times as seconds since the epoch with a fraction. */
export type Wire<T> = T extends Date
  ? number
  : T extends (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [Key in keyof T]: Wire<T[Key]> }
      : T;

export function epochSeconds(ms: number): number {
  return ms / 1000;
}
