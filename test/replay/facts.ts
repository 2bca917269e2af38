import type { Recorded, RecordedEvent } from './corpus';

/** What a history shows: by this, and not by its name, it is known which branch it is. */
export interface Facts {
  workflowType: string;
  /** Last words, such as `WORKFLOW_EXECUTION_COMPLETED`; undefined for one that goes on. */
  end?: string;
  /** Type of the failure with which it ended. */
  failure?: string;
  stages: string[];
  /** Where it was asked to cancel. */
  cancelledIn?: string;
  /** Reasons of its escalations. */
  escalations: string[];
  /** What people answered, as `resolve retry by update`, or `… refused`. */
  answers: string[];
  activities: string[];
  hasLocalActivities: boolean;
  isContinued: boolean;
  isReset: boolean;
}

// oxlint-disable-next-line typescript/no-explicit-any -- as many shapes as there are events
type Attributes = Record<string, any>;

export function factsOf({ events }: Recorded): Facts {
  const facts: Facts = {
    workflowType: '',
    stages: [],
    escalations: [],
    answers: [],
    activities: [],
    hasLocalActivities: false,
    isContinued: false,
    isReset: false,
  };
  const updates = new Map<string, string>();
  for (const event of events) {
    const is = event.eventType.replace('EVENT_TYPE_', '');
    const its = attributesOf(event);
    switch (is) {
      case 'WORKFLOW_EXECUTION_STARTED':
        facts.workflowType = its['workflowType'].name;
        facts.isContinued = its['continuedExecutionRunId'] !== undefined;
        break;
      case 'UPSERT_WORKFLOW_SEARCH_ATTRIBUTES': {
        const { VendStage, VendEscalation } = its['searchAttributes'].indexedFields;
        if (VendStage) facts.stages.push(decoded(VendStage) as string);
        const reason = VendEscalation && decoded(VendEscalation);
        if (typeof reason === 'string') facts.escalations.push(reason);
        break;
      }
      case 'WORKFLOW_EXECUTION_CANCEL_REQUESTED':
        facts.cancelledIn = facts.stages.at(-1) ?? '';
        break;
      case 'WORKFLOW_EXECUTION_UPDATE_ACCEPTED': {
        const { input } = its['acceptedRequest'];
        updates.set(event.eventId, `${input.name} ${actionOf(input.args)}`.trim());
        break;
      }
      case 'WORKFLOW_EXECUTION_UPDATE_COMPLETED': {
        const what = updates.get(its['acceptedEventId']) ?? '';
        facts.answers.push(`${what} ${its['outcome'].failure ? 'refused' : 'by update'}`);
        break;
      }
      case 'WORKFLOW_EXECUTION_SIGNALED': {
        const name = its['signalName'] as string;
        if (['resolve', 'approve', 'reject'].includes(name)) {
          facts.answers.push(`${name} ${actionOf(its['input'])}`.trim() + ' by signal');
        }
        break;
      }
      case 'ACTIVITY_TASK_SCHEDULED':
        facts.activities.push(its['activityType'].name);
        break;
      case 'MARKER_RECORDED':
        facts.hasLocalActivities ||= its['markerName'] === 'core_local_activity';
        break;
      case 'WORKFLOW_TASK_FAILED':
        facts.isReset ||= its['cause'] === 'WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW';
        break;
      default:
        break;
    }
  }
  const last = events.at(-1);
  const ending = last?.eventType.replace('EVENT_TYPE_', '') ?? '';
  if (last && /^WORKFLOW_EXECUTION_(?!SIGNALED|UPDATE|CANCEL_|OPTIONS|TIME)/.test(ending)) {
    facts.end = ending;
    const failure = attributesOf(last)['failure']?.applicationFailureInfo?.type;
    if (failure) facts.failure = failure;
  }
  return facts;
}

/** Everything that was written into it, as text. */
export function textsOf({ events }: Recorded): string {
  return JSON.stringify(events, (_, value: unknown) => (isPayload(value) ? decoded(value) : value));
}

function attributesOf(event: RecordedEvent): Attributes {
  const key = Object.keys(event).find((name) => name.endsWith('Attributes'));
  return (key ? event[key] : {}) as Attributes;
}

interface Payload {
  metadata: { encoding: string };
  data?: string;
}

function isPayload(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null && 'metadata' in value;
}

function decoded({ data = '' }: Payload): unknown {
  const text = Buffer.from(data, 'base64').toString();
  try {
    return JSON.parse(text);
  } catch {
    return text === '' ? undefined : text;
  }
}

function actionOf(input: { payloads?: Payload[] } | undefined): string {
  const [payload] = input?.payloads ?? [];
  const given = payload && (decoded(payload) as Attributes | undefined);
  if (!given?.['action']) return '';
  const what = given['stage'] ? ` ${given['stage']}` : given['pack'] ? ' pack' : '';
  return `${given['action']}${what}`;
}
