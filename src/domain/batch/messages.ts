import { Stage } from '../../contract';
import type { BatchRowStatus, VendNotice } from '../../contract';
import { areAll, isObject, isOptional, isText } from '../shape';

/** What a vend tells the batch that started it. */
export interface BatchNotice extends VendNotice {
  /** Type of the failure with which it ends. */
  failure?: string;
}

/** Whether a signal holds what a batch reads of a notice. */
export function isNotice(given: unknown): given is BatchNotice {
  if (!isObject(given)) return false;
  const { requestId, stage, accountId, escalation, failure } = given;
  if (!isText(requestId) || !isText(stage) || !Object.hasOwn(Stage, stage)) return false;
  return (
    isOptional(accountId, isText) && isOptional(failure, isText) && isOptional(escalation, isAsking)
  );
}

function isAsking(escalation: unknown): boolean {
  if (!isObject(escalation)) return false;
  const { reason, scope, actions, amendable } = escalation;
  const areTexts = (texts: unknown) => areAll(texts, isText);
  return isText(reason) && isText(scope) && areTexts(actions) && isOptional(amendable, areTexts);
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
  /** Fields in which the batch's request is another one than that of this vend, where it was to be compared. */
  conflicts?: string[];
}

/** The open escalation of a vend, as far as the page of a batch shows it. */
export interface RowEscalation {
  reason: string;
  /** Of the whole organization: answered once for all. */
  ofAll?: true;
  /** What can be typed behind `vend`, as far as the vend has told it. */
  answer?: string;
}
