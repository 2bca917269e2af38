import { writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';

/**
 * Takes away whatever could lead a test to a real account or a real Temporal: each test names its
 * simulator and its server itself. A client that names none is refused at a closed local port.
 */
export function isolate(env: NodeJS.ProcessEnv, folder: string): void {
  const temporalConfig = join(folder, 'temporal.toml');
  writeFileSync(temporalConfig, `[profile.default]\naddress = "${NOBODY}"\n`);
  for (const name of Object.keys(env)) {
    if (/^(AWS|TEMPORAL|VEND)_/.test(name) && !KEPT.has(name)) delete env[name];
  }
  Object.assign(env, {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    // Node 20 is tested on purpose; one warning for each test file says nothing new.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_ENDPOINT_URL: `http://${NOBODY}`,
    TEMPORAL_CONFIG_FILE: temporalConfig,
  });
}

/** No server listens there. */
const NOBODY = '127.0.0.1:1';

/** They name programs on this machine, and CI may set them. */
const KEPT = new Set(['TEMPORAL_CLI', 'TEMPORAL_TEST_SERVER']);
