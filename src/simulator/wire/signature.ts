import type { CredentialScope } from './call';

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256\s+Credential=([^/,\s]+)\/\d{8}\/([^/,\s]+)\/([^/,\s]+)\/aws4_request\b.*\bSignature=/;

/**
 * Reads the credential scope of a SigV4 header. The signature itself is not checked: the simulator
 * knows no secret keys.
 */
export function readCredentialScope(
  authorization: string | undefined,
): CredentialScope | undefined {
  const found = authorization ? AUTHORIZATION.exec(authorization) : null;
  const [, accessKeyId, region, service] = found ?? [];
  if (!accessKeyId || !region || !service) return undefined;
  return { accessKeyId, region, service };
}
