import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';

let areKnown = true;

/** Told before anything is published. */
export function publishOnlyIf(hasSearchAttributes: boolean): void {
  areKnown = hasSearchAttributes;
}

/**
 * Where a namespace does not know our search attributes, an upsert would fail the workflow task for
 * ever: there it is left out.
 */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  internals: [
    {
      concludeActivation(input, next) {
        const { commands } = input;
        const kept = areKnown
          ? commands
          : commands.filter((command) => !command.upsertWorkflowSearchAttributes);
        return next({ ...input, commands: kept });
      },
    },
  ],
});
