import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api';
import type { Info } from '@temporalio/activity';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { CallObserver } from '../../aws/observe';
import { WorkflowType, isRequestId } from '../../contract';
import { wordFor } from '../../domain/metrics';
import { withoutAddresses } from '../../domain/redact';
import type { RunIds } from './run-ids';

/** They run for ever: one trace of theirs would never be complete. */
const ENDLESS: readonly string[] = [WorkflowType.organizationGate, WorkflowType.conformanceWatch];

export interface ActivitySpans {
  interceptor: ActivityInterceptorsFactory;
  observe: CallObserver;
}

/**
 * A span for each attempt of an activity, and below it one for each call of AWS. Nothing of what goes in
 * or comes out stands in them, and no message: names and ids alone. Workflows know nothing of it, so
 * that histories replay with it and without.
 */
export function activitySpans(tracer: Tracer, ids: RunIds): ActivitySpans {
  /** OpenTelemetry's global context is left to whoever instruments this process from outside. */
  const working = new AsyncLocalStorage<Context>();

  return {
    interceptor: ({ info }) => ({
      inbound: {
        async execute(input, next) {
          const span = tracer.startSpan(
            info.activityType,
            { attributes: attributesOf(info, input.args) },
            parentOf(tracer, ids, info),
          );
          try {
            return await working.run(trace.setSpan(ROOT_CONTEXT, span), () => next(input));
          } catch (error) {
            failed(span, typeOf(error));
            throw error;
          } finally {
            span.end();
          }
        },
      },
    }),
    observe({ service, operation, seconds, outcome, error, region, requestId, httpStatus }) {
      const parent = working.getStore();
      // No activity asks: the worker itself, at its start.
      if (!parent) return;
      const endedMs = Date.now();
      const span = tracer.startSpan(
        `${service}.${operation}`,
        {
          kind: SpanKind.CLIENT,
          startTime: new Date(endedMs - seconds * 1_000),
          attributes: {
            'rpc.system': 'aws-api',
            'rpc.service': service,
            'rpc.method': operation,
            'account_vending.outcome': outcome,
            ...(region === undefined ? {} : { 'cloud.region': region }),
            ...(requestId === undefined ? {} : { 'aws.request_id': requestId }),
            ...(httpStatus === undefined ? {} : { 'http.response.status_code': httpStatus }),
          },
        },
        parent,
      );
      if (error !== undefined) failed(span, error);
      span.end(new Date(endedMs));
    },
  };
}

/**
 * The span of the run, which all its activities have as their parent. It is sent once, by the first
 * attempt of the first activity: from when that was scheduled until a worker took it.
 */
function parentOf(tracer: Tracer, ids: RunIds, info: Info): Context {
  const { workflowExecution: run, workflowType = 'workflow' } = info;
  if (!run || ENDLESS.includes(workflowType)) return ROOT_CONTEXT;
  const takenMs = Date.now();
  const span = ids.with(run.runId, () =>
    tracer.startSpan(
      workflowType,
      {
        startTime: new Date(Math.min(info.scheduledTimestampMs, takenMs)),
        attributes: ofRun(info),
      },
      ROOT_CONTEXT,
    ),
  );
  if (info.activityId === FIRST && info.attempt === 1) span.end(new Date(takenMs));
  return trace.setSpan(ROOT_CONTEXT, span);
}

/** Temporal's SDK numbers the activities of a run. */
const FIRST = '1';

/** As Temporal's own interceptors call them, where they do. */
function ofRun({ workflowExecution: run, workflowType, namespace, taskQueue }: Info): Attributes {
  return {
    ...(run
      ? { temporalWorkflowID: withoutAddresses(run.workflowId), temporalRunID: run.runId }
      : {}),
    ...(workflowType === undefined ? {} : { 'temporal.workflow_type': workflowType }),
    'temporal.namespace': namespace,
    'temporal.task_queue': taskQueue,
  };
}

function attributesOf(info: Info, args: readonly unknown[]): Attributes {
  const requestId = requestIdOf(args[0]);
  return {
    ...ofRun(info),
    temporalActivityID: info.activityId,
    'temporal.activity_type': info.activityType,
    'temporal.attempt': info.attempt,
    'temporal.is_local': info.isLocal,
    ...(requestId === undefined ? {} : { 'account_vending.request_id': requestId }),
  };
}

/** Of the input alone this, where it is there: a parent may give its vends other workflow ids. */
function requestIdOf(input: unknown): string | undefined {
  const { requestId, request } = (input ?? {}) as {
    requestId?: unknown;
    request?: { requestId?: unknown };
  };
  return [requestId, request?.requestId].find(isRequestId);
}

/** An error's word, and never its message, which may quote the request. */
function failed(span: Span, word: string): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute('error.type', wordFor(word));
}

function typeOf(error: unknown): string {
  const { type, name } = (error ?? {}) as { type?: unknown; name?: unknown };
  return (
    [type, name].find((word): word is string => typeof word === 'string' && word !== '') ?? 'Error'
  );
}
