import { withoutAddresses } from '../../domain/redact';
import { grpcCode } from '../../vends/grpc';
import { isRefusal } from '../temporal';
import type { Finding } from './finding';

/** What an error of Temporal means here. */
export function temporalFinding(error: unknown, needed: boolean, what: string): Finding {
  const said = withoutAddresses(textOf(error));
  if (isRefusal(error)) {
    return {
      id: 'temporal-refuses',
      level: 'stop',
      title: `Temporal refuses us: ${what}`,
      detail: said,
      fix: "Check TEMPORAL_API_KEY or the TLS settings, TEMPORAL_NAMESPACE, and the key's permissions in that namespace.",
    };
  }
  return {
    id: 'temporal-call-failed',
    level: needed ? 'stop' : 'warning',
    title: `Temporal did not answer as expected: ${what}`,
    detail: `${said} (gRPC status ${grpcCode(error) ?? 'unknown'})`,
    fix: "Run this again; where it lasts, look at the server's log.",
  };
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
