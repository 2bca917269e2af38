/** Why the worker cannot start, and what to do. Exit statuses are those of the command line. */
export class StartProblem extends Error {
  override readonly name = 'StartProblem';
  readonly exitStatus: 2 | 4;
  constructor(message: string, exitStatus: 2 | 4, cause?: unknown) {
    super(message, { cause });
    this.exitStatus = exitStatus;
  }
}
