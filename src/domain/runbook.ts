import { OwnReason } from '../contract';
import { KNOWN_REASONS } from './dispositions';

/** What AWS Config's rows say of a failure: their status where there is no code, else the code. */
const PACK_REASONS: readonly string[] = [
  'CREATE_FAILED',
  'UPDATE_FAILED',
  'DELETE_IN_PROGRESS',
  'DELETE_FAILED',
  'DELETE_SUCCESSFUL',
  'NoAvailableConfigurationRecorder',
  'NoAvailableConfigurationRecorderException',
  'InsufficientPermissionsException',
  'ConformancePackTemplateValidationException',
  'ResourceInUseException',
  'InvalidParameterValueException',
  'MaxNumberOfConformancePacksExceededException',
];

/** Every reason that the runbook has an entry of its own for. */
export const RUNBOOK_REASONS: ReadonlySet<string> = new Set([
  ...KNOWN_REASONS,
  ...Object.values(OwnReason),
  ...PACK_REASONS,
]);

/** The entry for AWS's next word. */
export const UNKNOWN_ENTRY = 'a-reason-that-nobody-knows';

const IN_THE_REPOSITORY = 'docs/runbook.md';

/**
 * Where a person reads what a reason means and what to do: a place in this repository, which needs
 * no configuration, or in a copy of the runbook that `escalation.runbookUrl` names.
 */
export function runbookEntry(reason: string, base: string = IN_THE_REPOSITORY): string {
  return `${base}#${RUNBOOK_REASONS.has(reason) ? anchorOf(reason) : UNKNOWN_ENTRY}`;
}

/** As the headings of a Markdown file are linked to. */
export function anchorOf(reason: string): string {
  return reason.toLowerCase().replaceAll(/[^\p{L}\p{N}_-]+/gu, '-');
}
