import { X509Certificate } from 'node:crypto';
import type { ConnectionOptions } from '@temporalio/client';
import type { TemporalSettings } from '../config';
import { callInterceptors } from './calls';

type Settings = TemporalSettings['connectionOptions'];

/**
 * For `Connection.connect`: what the environment and the profile leave out is left out there as well; and how calls are
 * tried again.
 */
export function connectionOptionsOf({ tls, apiKey, metadata }: Settings): ConnectionOptions {
  return {
    interceptors: callInterceptors(),
    ...(tls === undefined ? {} : { tls }),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(metadata === undefined ? {} : { metadata }),
  };
}

/** Whether what is sent can be read on its way. */
export function isInClear({ tls }: Settings): boolean {
  return !tls;
}

/** In a few words, such as `TLS with an API key`. */
export function describeSecurity(settings: Settings): string {
  const { tls, apiKey } = settings;
  const isMutual = typeof tls === 'object' && Boolean(tls?.clientCertPair);
  const channel = isInClear(settings) ? 'without TLS' : isMutual ? 'mTLS' : 'TLS';
  if (apiKey === undefined) return channel;
  return `${channel}${isInClear(settings) ? ' and' : ''} with an API key`;
}

/** When the certificate ends that we show; undefined where we show none. */
export function clientCertificateEnds({ tls }: Settings): Date | undefined {
  const pair = typeof tls === 'object' ? tls?.clientCertPair : undefined;
  return pair && new Date(new X509Certificate(pair.crt).validTo);
}
