/** How Temporal is reached, for worker and commands alike: what protects it, and why TLS fails. */
export {
  clientCertificateEnds,
  connectionOptionsOf,
  describeSecurity,
  isInClear,
} from './security';
export { callInterceptors } from './calls';
export { TlsFault, tlsFault } from './tls-fault';
