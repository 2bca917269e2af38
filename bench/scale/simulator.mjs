/**
 * AWS in a process of its own, so that what it costs is nobody else's. It ends when whoever forked it
 * does.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { startSimulator } = require('../../lib/simulator/index.js');

process.on('disconnect', () => process.exit(0));
const { knobs, organization } = JSON.parse(process.argv[2]);
const simulator = await startSimulator({ profile: 'test', knobs, organization });
process.send({ url: simulator.url, organizationId: simulator.organizationId });
