import { Stage } from '../../contract';
import type { BatchRowStatus, VendNotice } from '../../contract';

/** What a vend tells the batch that started it. */
export interface BatchNotice extends VendNotice {
  /** Type of the failure with which it ends. */
  failure?: string;
}

/** Whether a signal holds what a batch reads of a notice. */
export function isNotice(given: unknown): given is BatchNotice {
  if (!isObject(given)) return false;
  const { requestId, stage, accountId, escalation, failure } = given;
  if (typeof requestId !== 'string' || typeof stage !== 'string') return false;
  if (!Object.hasOwn(Stage, stage)) return false;
  return isText(accountId) && isText(failure) && (escalation === undefined || isAsking(escalation));
}

function isAsking(escalation: unknown): boolean {
  if (!isObject(escalation)) return false;
  const { reason, scope, actions, amendable } = escalation;
  return (
    typeof reason === 'string' &&
    typeof scope === 'string' &&
    isTexts(actions) &&
    (amendable === undefined || isTexts(amendable))
  );
}

function isText(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** A vend as Temporal itself knows it, also where the vend says nothing any more. */
export interface VendSeen {
  requestId: string;
  status: BatchRowStatus;
  stage?: Stage;
  accountId?: string;
  /** The open escalation's reason. */
  escalation?: string;
  failure?: string;
  /** The batch that asks has started it, maybe in an earlier run. */
  isOurs: boolean;
}

/** The open escalation of a vend, as far as the page of a batch shows it. */
export interface RowEscalation {
  reason: string;
  /** Of the whole organization: answered once for all. */
  ofAll?: true;
  /** What can be typed behind `vend`, as far as the vend has told it. */
  answer?: string;
}
