import type {
  Amendment,
  ConformanceRow,
  Escalation,
  Resolution,
  ResolutionAction,
  VendState,
  WaivableStage,
} from '../contract';

/**
 * What a person can do now: one source for the terminal and for the Web UI, so that both say the
 * same.
 */
export interface NextStep {
  /** What is typed behind `vend`. */
  command: string;
  /** The Web UI's form for the same: the update's name, and its data as one line of JSON. */
  update: { name: string; json: string };
  /** Whom it is sent to: the vend, or its organization's gate. */
  to: 'vend' | 'organization';
}

/** What of a vend decides what can be done: its state has it, and what it tells others. */
export type Asking = Pick<VendState, 'requestId' | 'stage' | 'escalation' | 'conformance'>;

/** Written by a person in place of it. JSON and shell both take it as it stands. */
const WHY = '…';

/** The answers that the vend takes now, the most likely one first. */
export function nextSteps(state: Asking): NextStep[] {
  const { escalation, requestId } = state;
  if (!escalation) return state.stage === 'approving' ? approvalSteps(requestId) : [];
  const own = inOrder(escalation, state).flatMap((action) =>
    stepsFor(action, escalation, state).map(({ flags, resolution }) =>
      step(`resolve ${requestId} ${flags}`, { escalationId: escalation.id, ...resolution }),
    ),
  );
  // Only abandon is answered on the vend where its organization is held back.
  const isHeldBack = escalation.scope === 'organization' && !escalation.actions.includes('retry');
  return isHeldBack ? [...gateSteps(escalation), ...own] : own;
}

/** The answer to what holds an organization back; of several, each command names the one that it is for. */
export function gateSteps({ id }: Pick<Escalation, 'id'>, isOneOfMany = false): NextStep[] {
  // A vend that has met the trouble itself shows it under an id of its own.
  const escalationId = /^o\d+$/.test(id) ? { escalationId: id } : {};
  return [
    {
      ...step(`resolve --organization --retry${isOneOfMany ? ` --escalation ${id}` : ''}`, {
        ...escalationId,
        action: 'retry',
      }),
      to: 'organization',
    },
  ];
}

/** Who sends it says so: Temporal does not tell a workflow. */
function approvalSteps(requestId: string): NextStep[] {
  const update = (name: string, data: object) => ({ name, json: JSON.stringify(data) });
  return [
    {
      command: `approve ${requestId}`,
      update: update('approve', { by: 'YOUR_NAME' }),
      to: 'vend',
    },
    {
      command: `reject ${requestId} --reason '${WHY}'`,
      update: update('reject', { by: 'YOUR_NAME', reason: WHY }),
      to: 'vend',
    },
  ];
}

function step(command: string, resolution: object): NextStep {
  return { command, update: { name: 'resolve', json: JSON.stringify(resolution) }, to: 'vend' };
}

/** Where the reason is about a field, an amendment is what helps. */
function inOrder(escalation: Escalation, state: Asking): ResolutionAction[] {
  const { actions } = escalation;
  if (!actions.includes('amend') || !fieldMeant(escalation, state)) return [...actions];
  return ['amend', ...actions.filter((action) => action !== 'amend')];
}

/** An answer as flags, and as the object that they make. */
interface Way {
  flags: string;
  resolution: Resolution | { action: 'amend'; changes: Record<string, unknown> };
}

function stepsFor(action: ResolutionAction, escalation: Escalation, state: Asking): Way[] {
  switch (action) {
    case 'retry':
      return [{ flags: '--retry', resolution: { action } }];
    case 'amend':
      return [amendStep(fieldMeant(escalation, state))];
    case 'adopt': {
      const accountId = escalation.foundAccountId ?? 'ACCOUNT_ID';
      return [{ flags: `--adopt ${accountId}`, resolution: { action, accountId } }];
    }
    case 'waive':
      return waiveSteps(state);
    case 'abandon':
      return [{ flags: `--abandon --reason '${WHY}'`, resolution: { action, reason: WHY } }];
  }
}

function amendStep(field: Field | undefined): Way {
  const { flags, value } = field ? EXAMPLES[field] : { flags: ['FIELD=VALUE'], value: 'VALUE' };
  return {
    flags: flags.map((flag) => `--amend ${flag}`).join(' '),
    resolution: { action: 'amend', changes: { [field ?? 'FIELD']: value } },
  };
}

/** Fields that a reason can be about. */
type Field = keyof Pick<
  Amendment,
  'email' | 'tags' | 'roleName' | 'organizationalUnit' | 'alternateContacts' | 'regions'
>;

/** What is in capitals is to be replaced. No address stands in the details, not even an example's. */
const EXAMPLES: Readonly<Record<Field, { flags: string[]; value: unknown }>> = {
  email: { flags: ['email=NEW_ADDRESS'], value: 'NEW_ADDRESS' },
  tags: { flags: ['tags.NAME=VALUE'], value: { NAME: 'VALUE' } },
  roleName: { flags: ['roleName=NEW_ROLE'], value: 'NEW_ROLE' },
  organizationalUnit: { flags: ['organizationalUnit=UNIT'], value: 'UNIT' },
  alternateContacts: {
    flags: ['name=NAME', 'title=TITLE', 'email=ADDRESS', 'phone=PHONE'].map(
      (field) => `alternateContacts.security.${field}`,
    ),
    value: { security: { name: 'NAME', title: 'TITLE', email: 'ADDRESS', phone: 'PHONE' } },
  },
  regions: { flags: ['regions=REGION'], value: ['REGION'] },
};

const FIELD_OF_REASON: readonly [RegExp, Field][] = [
  [/EMAIL|Email|NOT_OURS|^GOVCLOUD_ACCOUNT_ALREADY_EXISTS$/, 'email'],
  [/TAG/, 'tags'],
  [/ROLE_NAME/, 'roleName'],
  [/REGIONS/, 'regions'],
  [/Parent|OrganizationalUnit|ALREADY_PLACED|DIFFERENT_ROOTS/, 'organizationalUnit'],
];

/** The field that the reason is about, where it may be amended now. */
function fieldMeant({ reason, amendable }: Escalation, { stage }: Asking): Field | undefined {
  const isFree = (field: Field) => amendable?.includes(field) ?? true;
  const field = FIELD_OF_REASON.find(([pattern]) => pattern.test(reason))?.[1];
  if (field) return isFree(field) ? field : undefined;
  // There AWS refuses one or the other, and its word does not say which.
  if (stage !== 'settling') return undefined;
  return (['alternateContacts', 'regions'] as const).find(isFree);
}

const WAIVABLE: readonly WaivableStage[] = ['placing', 'readying', 'settling'];

/** Each pack that holds the vend up, or else the stage itself. */
function waiveSteps(state: Asking): Way[] {
  const stage = WAIVABLE.find((one) => one === state.stage);
  if (stage) {
    return [waive(stage, { stage })];
  }
  return openPacks(state.conformance).map(({ region, pack }) =>
    waive(`${region}/${pack}`, { region, pack }),
  );
}

function waive(
  what: string,
  which: { stage: WaivableStage } | { region: string; pack: string },
): Way {
  return {
    flags: `--waive ${what} --reason '${WHY}'`,
    resolution: { action: 'waive', ...which, reason: WHY },
  };
}

/** Packs that hold the vend up, as far as the account's rows tell. */
export function openPacks(rows: readonly ConformanceRow[] = []): ConformanceRow[] {
  const required = rows.filter(({ status }) => !/^(?:EXCLUDED|WAIVED)$/.test(status));
  const open = required.filter(({ status }) => !/^(?:CREATE|UPDATE)_SUCCESSFUL$/.test(status));
  // All rows can be successful while the organization-wide status is waited for.
  return open.length > 0 ? open : required;
}

/** What `FIELD` can be, where no field is meant. */
export function amendableNow({ escalation }: VendState): readonly string[] {
  return escalation?.actions.includes('amend') ? (escalation.amendable ?? []) : [];
}
