import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parse } from 'protobufjs';

/** Of opentelemetry/proto/collector/trace/v1 and what it uses, the fields that we look at. */
const { root } = parse(
  `syntax = "proto3";
   message Request { repeated ResourceSpans resource_spans = 1; }
   message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
   message Resource { repeated KeyValue attributes = 1; }
   message ScopeSpans { repeated Span spans = 2; }
   message Span {
     bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
     fixed64 start = 7; fixed64 end = 8; repeated KeyValue attributes = 9; repeated Event events = 11;
     Status status = 15;
   }
   message Event { string name = 2; repeated KeyValue attributes = 3; }
   message Status { string message = 2; int32 code = 3; }
   message KeyValue { string key = 1; AnyValue value = 2; }
   message AnyValue { oneof value { string text = 1; bool flag = 2; int64 whole = 3; double real = 4; } }`,
  { keepCase: false },
);
const Request = root.lookupType('Request');

interface KeyValue {
  key: string;
  value: Record<string, string | number | boolean>;
}

interface Decoded {
  resourceSpans?: {
    resource?: { attributes?: KeyValue[] };
    scopeSpans?: {
      spans?: {
        traceId: string;
        spanId: string;
        parentSpanId?: string;
        name: string;
        kind: number;
        start: number;
        end: number;
        attributes?: KeyValue[];
        events?: unknown[];
        status?: { message?: string; code?: number };
      }[];
    }[];
  }[];
}

type Attributes = Record<string, string | number | boolean | undefined>;

export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  /** Nanoseconds, rounded. */
  start: number;
  end: number;
  attributes: Attributes;
  events: unknown[];
  isError: boolean;
  /** What was said beside that it was an error. */
  message: string;
}

/** A collector: an OTLP/HTTP server that keeps what it receives, as bytes too. */
export interface Collector {
  url: string;
  requests: { path: string; headers: IncomingHttpHeaders; body: Buffer }[];
  spans(): ReceivedSpan[];
  resources(): Attributes[];
  /** What it does from now on. Default: answers 200. `hang`: nothing at all. */
  answer: number | 'hang';
  close(): Promise<void>;
}

export async function startCollector(): Promise<Collector> {
  const requests: Collector['requests'] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { url: path = '', headers } = request;
      requests.push({ path, headers, body: Buffer.concat(chunks) });
      if (collector.answer !== 'hang') response.writeHead(collector.answer).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const decoded = () =>
    requests.flatMap(({ body }) => {
      const options = { longs: Number, bytes: String } as const;
      const one = Request.toObject(Request.decode(body), options) as Decoded;
      return one.resourceSpans ?? [];
    });
  const collector: Collector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    resources: () => decoded().map(({ resource }) => plain(resource?.attributes)),
    spans: () =>
      decoded()
        .flatMap(({ scopeSpans = [] }) => scopeSpans.flatMap(({ spans = [] }) => spans))
        .map((span) => ({
          traceId: hex(span.traceId),
          spanId: hex(span.spanId),
          parentSpanId: hex(span.parentSpanId),
          name: span.name,
          start: span.start,
          end: span.end,
          attributes: plain(span.attributes),
          events: span.events ?? [],
          isError: span.status?.code === 2,
          message: span.status?.message ?? '',
        })),
    answer: 200,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return collector;
}

const hex = (base64 = '') => Buffer.from(base64, 'base64').toString('hex');

const plain = (attributes: KeyValue[] = []): Attributes =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
