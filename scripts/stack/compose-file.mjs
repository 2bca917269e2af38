/** What the compose file says, so that no version stands in two places. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { root } from '../tools.mjs';

const { parse } = createRequire(import.meta.url)('yaml');

export const DEPLOY = join(root, 'deploy');

/** The tag of a service's image, such as `1.32.0`. */
export function imageTag(service) {
  const { services } = parse(readFileSync(join(root, 'temporal-docker-compose.yml'), 'utf8'), {
    merge: true,
  });
  return services[service].image.split(':')[1];
}
