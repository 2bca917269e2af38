import type { Payload } from '@temporalio/common';
import { z } from 'zod';

const base64 = z.base64();

/** A payload as protobuf writes it in JSON; what else stands in it goes back as it came. */
const payload = z.looseObject({
  metadata: z.record(z.string(), base64).nullish(),
  data: base64.nullish(),
});

const body = z.object({ payloads: z.array(payload).nullish() });

export type PayloadJson = z.infer<typeof payload>;

/** What Web UI and command line of Temporal send; undefined where it is something else. */
export function readPayloads(text: string): PayloadJson[] | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = body.safeParse(json);
  return parsed.success ? (parsed.data.payloads ?? []) : undefined;
}

export function fromJson({ metadata, data }: PayloadJson): Payload {
  return {
    metadata: mapValues(metadata ?? {}, (value) => Buffer.from(value, 'base64')),
    data: Buffer.from(data ?? '', 'base64'),
  };
}

export function toJson({ metadata, data }: Payload): PayloadJson {
  return {
    metadata: mapValues(metadata ?? {}, toBase64),
    data: toBase64(data ?? new Uint8Array()),
  };
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function mapValues<From, To>(
  from: Record<string, From>,
  change: (value: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, change(value)]));
}
