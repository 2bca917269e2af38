/** Reads and checks what people write: configuration, requests, manifests. */
export { parseConfiguration, type Configuration } from './configuration';
export { checkRequest } from './house-rules';
export { configurationJsonSchema, manifestJsonSchema, requestJsonSchema } from './json-schema';
export { ConfigurationError, configurationFile, loadConfiguration } from './load';
export {
  parseManifests,
  type LoadedManifest,
  type LocatedProblem,
  type ManifestSource,
} from './manifest';
export { leadsNowhere } from './link-local';
export { isLoopbackUrl } from './loopback';
export { toGatePolicy, toPolicy } from './policy';
export { readText } from './read-text';
export { parseRequest } from './request';
export {
  missingSecrets,
  subscriberKey,
  subscriberLabel,
  urlOf,
  wants,
  type Subscriber,
} from './subscribers';
export { endpointOf, type Endpoint } from './temporal-address';
export { temporalSettings, type TemporalSettings } from './temporal-settings';
export { parseYaml } from './yaml';
