/**
 * How much one request may be, as JSON. The largest that makes sense (49 tags, 200 packs, 50 regions) is
 * less; it leaves room where Temporal takes 2 MB as one message.
 */
export const LARGEST_REQUEST = 128_000;

/** Whether a request, or changes of one, are more than any needs. */
export function isTooLarge(request: unknown): boolean {
  return (JSON.stringify(request) ?? '').length > LARGEST_REQUEST;
}
