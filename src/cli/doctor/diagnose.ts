import type { Configuration } from '../../config';
import { withAws } from '../aws';
import { CommandError, ExitStatus } from '../errors';
import type { Io } from '../io';
import { withTemporal, type Temporal } from '../temporal';
import { accountChecks } from './checks/accounts';
import { creationChecks } from './checks/creations';
import { encryptionChecks } from './checks/encryption';
import { gateChecks, heldBackChecks } from './checks/gate';
import { identityChecks } from './checks/identity';
import { machineChecks } from './checks/machine';
import { organizationChecks } from './checks/organization';
import { packChecks } from './checks/packs';
import { permissionChecks } from './checks/permissions';
import { readinessRoleChecks } from './checks/readiness-role';
import { regionChecks } from './checks/regions';
import { searchAttributeChecks } from './checks/search-attributes';
import { temporalChecks } from './checks/temporal';
import { trustedAccessChecks } from './checks/trusted-access';
import { unitChecks } from './checks/unit';
import { workerChecks } from './checks/worker';
import { writeChecks } from './checks/writes';
import type { Check } from './finding';
import { Patient } from './patient';
import { runChecks, type Found } from './run-checks';

/** In the order of the page. */
const CHECKS: readonly Check<Patient>[] = [
  ...machineChecks,
  ...temporalChecks,
  ...encryptionChecks,
  ...searchAttributeChecks,
  ...workerChecks,
  ...identityChecks,
  ...permissionChecks,
  ...writeChecks,
  ...regionChecks,
  ...organizationChecks,
  ...trustedAccessChecks,
  ...unitChecks,
  ...readinessRoleChecks,
  ...accountChecks,
  ...creationChecks,
  ...packChecks,
];

export interface DiagnoseOptions {
  configuration: Configuration;
  configurationFile: string | undefined;
  gate: boolean;
}

/** Looks at everything that a vend needs. It changes nothing, and never hangs. */
export async function diagnose(io: Io, options: DiagnoseOptions): Promise<Found[]> {
  const { configuration, configurationFile, gate } = options;
  const temporal = holdTemporal(io);
  try {
    return await withAws(configuration, async (aws) => {
      const { connected } = temporal;
      const patient = new Patient({ io, configuration, configurationFile, aws, connected });
      // Settings that cannot be read are a fault of the call, and no finding.
      await Promise.race([connected.catch(throwIfInvalid), nextTick()]);
      return runChecks([...CHECKS, ...(gate ? gateChecks : heldBackChecks)], patient);
    });
  } finally {
    await temporal.release();
  }
}

/** AWS is looked at while Temporal is still being reached, or cannot be. */
function holdTemporal(io: Io): { connected: Promise<Temporal>; release: () => Promise<void> } {
  let isConnected: (temporal: Temporal) => void = () => undefined;
  let isFailed: (error: unknown) => void = () => undefined;
  let isOver: () => void = () => undefined;
  const connected = new Promise<Temporal>((resolve, reject) => {
    isConnected = resolve;
    isFailed = reject;
  });
  const over = new Promise<void>((resolve) => {
    isOver = resolve;
  });
  connected.catch(() => undefined);
  const held = withTemporal(
    io,
    async (temporal) => {
      isConnected(temporal);
      await over;
    },
    { once: true },
  ).catch(isFailed);
  return {
    connected,
    async release() {
      isOver();
      await held;
    },
  };
}

function throwIfInvalid(error: unknown): void {
  if (error instanceof CommandError && error.status === ExitStatus.invalid) throw error;
}

function nextTick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
