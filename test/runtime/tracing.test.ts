import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { SpanStatusCode } from '@opentelemetry/api';
import { ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Info } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { Logger } from '../../src/runtime/logger';
import { tracingSettings } from '../../src/runtime/tracing/settings';
import { startTracing } from '../../src/runtime/tracing/start-tracing';
import type { Tracing } from '../../src/runtime/tracing/start-tracing';

const ENDPOINT = 'OTEL_EXPORTER_OTLP_ENDPOINT';

describe('traces are', () => {
  test.each<[string, NodeJS.ProcessEnv]>([
    ['nothing says where to', {}],
    ['the variable is empty', { [ENDPOINT]: ' ' }],
    ['OpenTelemetry is off', { [ENDPOINT]: 'http://collector:4318', OTEL_SDK_DISABLED: 'TRUE' }],
    [
      'no exporter is asked for',
      { [ENDPOINT]: 'http://collector:4318', OTEL_TRACES_EXPORTER: 'none' },
    ],
  ])('off where %s', (_, env) => {
    expect(tracingSettings(env)).toBeUndefined();
  });

  test('on where there is an endpoint, shown without what may be secret in it', () => {
    const all = { [ENDPOINT]: 'http://collector:4318/otlp' };
    expect(tracingSettings(all)).toEqual({ shown: 'http://collector:4318' });
    const ours = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://me:sesame@other/v1?key=sesame' };
    expect(tracingSettings({ ...all, ...ours })).toEqual({ shown: 'https://other' });
  });

  test.each<[string, NodeJS.ProcessEnv, RegExp]>([
    [
      'a protocol that is not spoken',
      { [ENDPOINT]: 'http://collector:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
      /^OTEL_EXPORTER_OTLP_PROTOCOL is grpc, .* Set it to http\/protobuf, and OTEL_EXPORTER_OTLP_ENDPOINT to/,
    ],
    [
      'an address that is none',
      { [ENDPOINT]: 'collector' },
      /^OTEL_EXPORTER_OTLP_ENDPOINT must be a URL/,
    ],
    ['a host that looks like a scheme', { [ENDPOINT]: 'collector:4318' }, /must be a URL such as/],
  ])('refused with what to do: %s', (_, env, words) => {
    expect(() => tracingSettings(env)).toThrow(words);
  });
});

test('a worker without traces loads nothing for them', async () => {
  const lib = resolve(__dirname, '../../lib/runtime/run-worker.js');
  const loaded = `require(${JSON.stringify(lib)}); console.log(Object.keys(require.cache).join('\\n'))`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', loaded]);
  expect(stdout).toContain('tracing/settings.js');
  expect(stdout).not.toMatch(/@opentelemetry|start-tracing/);
});

describe('a worker', () => {
  let sent: ReadableSpan[];
  let batches: number;
  /** What becomes of a batch; undefined: no answer, ever. (How it is really sent, test/e2e shows.) */
  let answer: Error | 'taken' | undefined;
  let warned: { fields: object; message: string }[];
  let before: NodeJS.ProcessEnv;

  beforeEach(() => {
    before = { ...process.env };
    [sent, batches, answer, warned] = [[], 0, 'taken', []];
  });
  afterEach(() => {
    process.env = before;
  });

  const exporter: SpanExporter = {
    export(spans, tell) {
      sent.push(...spans);
      batches += 1;
      if (answer === 'taken') tell({ code: ExportResultCode.SUCCESS });
      else if (answer) tell({ code: ExportResultCode.FAILED, error: answer });
    },
    shutdown: () => Promise.resolve(),
  };
  const start = () => {
    const warn = (fields: object, message: string) => warned.push({ fields, message });
    return startTracing({ warn } as unknown as Logger, () => exporter);
  };

  /** An attempt of an activity, as the SDK has it done. */
  const attempt = async (
    { interceptor }: { interceptor: ActivityInterceptorsFactory },
    info: Partial<Info>,
    work: () => Promise<unknown> = () => Promise.resolve(),
    args: unknown[] = [],
  ) => {
    const whole = {
      activityId: '2',
      activityType: 'placeAccount',
      attempt: 1,
      isLocal: false,
      namespace: 'default',
      taskQueue: 'account-vending',
      workflowType: 'vendAccount',
      scheduledTimestampMs: Date.now(),
      ...info,
    } as Info;
    const { inbound } = interceptor({ info: whole } as Parameters<ActivityInterceptorsFactory>[0]);
    return inbound?.execute?.({ args, headers: {} }, work);
  };
  const run = (runId: string = randomUUID(), workflowId = 'vend-a') => ({
    workflowExecution: { workflowId, runId },
  });
  const call = (tracing: Tracing) =>
    tracing.observe({ service: 'sts', operation: 'AssumeRole', outcome: 'success', seconds: 0.1 });

  test.each(['traceidratio', 'parentbased_traceidratio'])(
    'samples a run whole or not at all, as every other worker does: %s',
    async (sampler) => {
      process.env['OTEL_TRACES_SAMPLER'] = sampler;
      process.env['OTEL_TRACES_SAMPLER_ARG'] = '0.5';
      const workers = [start(), start()];
      const runs = Array.from({ length: 100 }, () => randomUUID());
      for (const runId of runs) {
        for (const [n, worker] of workers.entries()) {
          const activityId = String(n + 1);
          await attempt(worker, { ...run(runId), activityId }, async () => call(worker));
        }
      }
      for (const worker of workers) await worker.close();
      const counts = new Map<string, number>();
      for (const span of sent) {
        const { traceId } = span.spanContext();
        counts.set(traceId, (counts.get(traceId) ?? 0) + 1);
      }
      // The run, two activities, and a call of each.
      expect(new Set(counts.values())).toEqual(new Set([5]));
      expect(counts.size).toBeGreaterThan(25);
      expect(counts.size).toBeLessThan(75);
      const ids = runs.map((id) => id.replaceAll('-', ''));
      for (const traceId of counts.keys()) expect(ids).toContain(traceId);
      expect(warned).toEqual([]);
    },
  );

  test('tells of the run once, from when its first activity was scheduled, also before the worker ran', async () => {
    const worker = start();
    const { workflowExecution } = run();
    const scheduledTimestampMs = Date.now() - 3_600_000;
    const first = { workflowExecution, activityId: '1', scheduledTimestampMs };
    for (const n of [1, 2]) await attempt(worker, { ...first, attempt: n });
    await attempt(worker, { workflowExecution });
    await worker.close();
    expect(new Set(sent.map((span) => span.spanContext().spanId)).size).toBe(4);
    const [root, ...more] = sent.filter(({ parentSpanContext }) => !parentSpanContext);
    expect(more).toEqual([]);
    expect(Math.abs(ms(root?.startTime) - scheduledTimestampMs)).toBeLessThan(10);
    expect(Math.abs(ms(root?.endTime) - Date.now())).toBeLessThan(5_000);
    const parents = sent.filter((span) => span !== root).map((span) => span.parentSpanContext);
    const ours = root?.spanContext().spanId;
    expect(parents.map((parent) => parent?.spanId)).toEqual([ours, ours, ours]);
  });

  test('takes no address from a workflow id, and no message from an error', async () => {
    const worker = start();
    const email = 'sunflower@example.com';
    const failures = [
      ApplicationFailure.create({ type: 'NoSuchThing', message: `${email} is not there` }),
      ApplicationFailure.create({ type: `no ${email}`, message: email }),
      new RangeError(email),
      email,
    ];
    for (const failure of failures) {
      const attempted = attempt(
        worker,
        run(undefined, `account of ${email}`),
        () => Promise.reject(failure),
        [{ requestId: email, request: { requestId: 'a', email } }],
      );
      await expect(attempted).rejects.toBe(failure);
    }
    await worker.close();
    expect(sent.map(({ attributes }) => attributes['error.type'])).toEqual([
      'NoSuchThing',
      'other',
      'RangeError',
      'Error',
    ]);
    for (const { attributes, status, events } of sent) {
      expect({ status, events }).toEqual({ status: { code: SpanStatusCode.ERROR }, events: [] });
      expect(attributes['temporalWorkflowID']).toBe('account of [hidden]');
      expect(attributes['account_vending.request_id']).toBe('a');
    }
  });

  test('calls that no activity makes are told by none', async () => {
    const worker = start();
    call(worker);
    await attempt(worker, run());
    call(worker);
    await worker.close();
    expect(sent.map(({ name }) => name)).toEqual(['placeAccount']);
  });

  test('complains once of a collector that refuses again and again', async () => {
    process.env['OTEL_BSP_SCHEDULE_DELAY'] = '1';
    answer = Object.assign(new Error('ask sunflower@example.com'), { code: 403 });
    const worker = start();
    for (let n = 0; n < 30; n += 1) {
      await attempt(worker, run());
      await new Promise((done) => setTimeout(done, 5));
    }
    await worker.close();
    expect(batches).toBeGreaterThan(2);
    expect(warned).toEqual([
      {
        fields: { lost: expect.any(Number), code: 403, reason: 'ask [hidden]' },
        message: 'traces cannot be sent; vends go on without them',
      },
    ]);
  });

  test('waits for no collector that answers nothing, and lets go of it when it stops', async () => {
    answer = undefined;
    process.env['OTEL_BSP_EXPORT_TIMEOUT'] = '8000';
    const worker = start();
    const beganMs = performance.now();
    for (let n = 0; n < 3_000; n += 1) await attempt(worker, run());
    // What is not sent is dropped: 2,048 are kept, and those under way. These are five batches and more: waited for,
    // they would take 8 s each.
    expect(performance.now() - beganMs).toBeLessThan(20_000);
    const closedMs = performance.now();
    await worker.close();
    expect(performance.now() - closedMs).toBeLessThan(7_000);
    // Its own time-out, so that nothing is left of it behind this test.
    await new Promise((done) => setTimeout(done, 5_500));
    expect(sent.length).toBeLessThan(2_600);
  });

  test('has the service name of the environment, else ours', async () => {
    const ours = start();
    await attempt(ours, run());
    await ours.close();
    process.env['OTEL_SERVICE_NAME'] = 'landing-zone';
    const theirs = start();
    await attempt(theirs, run());
    await theirs.close();
    const names = sent.map(({ resource }) => resource.attributes['service.name']);
    expect(names).toEqual(['account-vending', 'landing-zone']);
  });

  test('what the environment says wrongly is said at the start', async () => {
    process.env['OTEL_TRACES_SAMPLER'] = 'sometimes';
    await start().close();
    expect(warned.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^OpenTelemetry: OTEL_TRACES_SAMPLER value "sometimes" invalid/),
    ]);
  });
});

const ms = ([seconds, nanos]: [number, number] = [0, 0]) => seconds * 1e3 + nanos / 1e6;
