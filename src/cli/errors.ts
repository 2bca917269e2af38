import type { FieldProblem } from '../contract';

/** What the command's exit status says; README.md has the list. */
export const ExitStatus = {
  done: 0,
  /** The vend ended failed, abandoned or cancelled. */
  endedOtherwise: 1,
  /** Usage or input; nothing was changed. */
  invalid: 2,
  /** `--until-escalation` met one. */
  escalated: 3,
  /** Temporal, or a worker where one is needed. */
  unreachable: 4,
  noSuchVend: 5,
  /** Ctrl-C while looking on; as shells have it. */
  interrupted: 130,
} as const;
export type ExitStatus = (typeof ExitStatus)[keyof typeof ExitStatus];

/** An end that is told in a sentence, without a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly status: ExitStatus;
  readonly problems: readonly FieldProblem[];

  constructor(
    status: ExitStatus,
    message: string,
    more: { problems?: readonly FieldProblem[]; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.status = status;
    this.problems = more.problems ?? [];
  }
}

export function invalid(message: string, problems?: readonly FieldProblem[]): CommandError {
  return new CommandError(ExitStatus.invalid, message, problems ? { problems } : {});
}
