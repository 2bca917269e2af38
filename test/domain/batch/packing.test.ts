import { Buffer } from 'node:buffer';
import type { VendRequest } from '../../../src/contract';
import { Batch } from '../../../src/domain/batch/batch';
import { MOST_CARRIED_BYTES } from '../../../src/domain/batch/manifest';
import { bytesWith, packBatch } from '../../../src/domain/batch/packing';
import { utf8Bytes } from '../../../src/domain/shape';

const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

const request = (requestId: string, tag = 'x'): VendRequest => ({
  requestId,
  accountName: 'A',
  email: `${requestId}@example.com`,
  tags: { Team: tag },
});

test.each(['', 'plain', 'é', '日本語', 'a😀b', '\u007f\u0080\u07ff\u0800\uffff', '😀'.repeat(50)])(
  'bytes are those of UTF-8: %j',
  (text) => {
    expect(utf8Bytes(text)).toBe(Buffer.byteLength(text));
  },
);

test('whatever is written in, a batch carries no more than was counted', () => {
  const batch = new Batch('b');
  const tag = '顧客基盤'.repeat(60);
  for (let part = 0; part < 20; part += 1) {
    const accounts = Array.from({ length: 250 }, (_, n) => request(`p${part}-${n}`, tag));
    const message = { name: 'b', accounts };
    if (bytesWith(batch, message) > MOST_CARRIED_BYTES) break;
    batch.apply(message, 0);
  }
  expect(batch.rows.size).toBeGreaterThan(0);
  expect(bytesOf(packBatch(batch))).toBeLessThanOrEqual(MOST_CARRIED_BYTES);
});

test('what rows grow to is counted before they do', () => {
  const batch = new Batch('b');
  const ids = Array.from({ length: 5_000 }, (_, n) => `r${n}`.padEnd(63, '0'));
  const message = { name: 'b', accounts: [], there: Object.fromEntries(ids.map((id) => [id, id])) };
  const counted = bytesWith(batch, message);
  batch.apply(message, 1_700_000_000_000);
  for (const requestId of ids) {
    batch.hear(
      {
        requestId,
        workflowId: requestId,
        stage: 'creating',
        escalation: {
          id: 'e1',
          scope: 'organization',
          reason: 'UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED',
          message: 'm',
          since: 's',
          attempts: 1,
          actions: ['retry', 'amend', 'abandon'],
        },
      },
      1_700_000_000_000,
    );
  }
  expect(bytesOf(packBatch(batch))).toBeLessThanOrEqual(counted);
});

test('5,000 accounts of the usual size fit', () => {
  const accounts = Array.from({ length: 5_000 }, (_, n) => request(`team-${n}-production`));
  const counted = bytesWith(new Batch('b'), { name: 'b', accounts });
  expect(counted).toBeLessThanOrEqual(MOST_CARRIED_BYTES);
});

test('the answer to an escalation is worked out again, and not carried', () => {
  const batch = new Batch('b', [
    {
      requestId: 'r0',
      status: 'RUNNING',
      escalation: { reason: 'EMAIL_ALREADY_EXISTS', answer: 'resolve r0 --amend email=X' },
    },
  ]);
  expect(packBatch(batch).rows).toEqual([
    { requestId: 'r0', status: 'RUNNING', escalation: { reason: 'EMAIL_ALREADY_EXISTS' } },
  ]);
});
