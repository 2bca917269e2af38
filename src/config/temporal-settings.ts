import { existsSync } from 'node:fs';
import { loadClientConnectConfig } from '@temporalio/envconfig';

/** What Temporal's standard environment and profile say: where it is, and how to be let in. */
export type TemporalSettings = ReturnType<typeof loadClientConnectConfig>;

/** Throws where a profile is named that is not there, or where the file cannot be read. */
export function temporalSettings(env: NodeJS.ProcessEnv): TemporalSettings {
  const given = Object.entries(env).filter((entry): entry is [string, string] => !!entry[1]);
  const overrideEnvVars = Object.fromEntries(given);
  // The SDK takes a file that is not there for none: a typing error would lead to another server.
  const file = overrideEnvVars['TEMPORAL_CONFIG_FILE'];
  if (file !== undefined && !existsSync(file)) {
    throw new Error(`TEMPORAL_CONFIG_FILE names ${file}, which is not there`);
  }
  try {
    return loadClientConnectConfig({ overrideEnvVars });
  } catch (error) {
    // SDK 1.24: a file without any profile, such as an empty one, ends in a TypeError.
    const namesProfile = overrideEnvVars['TEMPORAL_PROFILE'] !== undefined;
    if (!(error instanceof TypeError) || namesProfile) throw error;
    return loadClientConnectConfig({ overrideEnvVars, disableFile: true });
  }
}
