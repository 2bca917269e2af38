/** Reads and checks what people write: configuration, requests, manifests. */
export { parseConfiguration, type Configuration } from './configuration';
export { houseRuleProblems } from './house-rules';
export { configurationJsonSchema, manifestJsonSchema, requestJsonSchema } from './json-schema';
export {
  parseManifests,
  type LoadedManifest,
  type LocatedProblem,
  type ManifestSource,
} from './manifest';
export { ConfigurationError, loadConfiguration } from './load';
export { toGatePolicy, toPolicy } from './policy';
export { type Parsed } from './problems';
export { parseRequest } from './request';
export { temporalSettings, type TemporalSettings } from './temporal-settings';
export { parseYaml } from './yaml';
