import { optionalTsToMs } from '@temporalio/common/lib/time';
import { temporalSettings } from '../../../config';
import { CommandError } from '../../errors';
import { isNotFound, isRefusal, type Temporal } from '../../temporal';
import { NotLookedAt, type Check, type Finding } from '../finding';
import type { Patient } from '../patient';
import { temporalFinding } from '../temporal-finding';

const DAY_MS = 86_400_000;
/** Below it a request that is started again may find nothing of its first run. */
const RETENTION_DAYS = 30;

export const temporalChecks: Check<Patient>[] = [
  { name: 'Temporal', group: 'Temporal', needed: true, run: lookAtServer },
  { name: 'the namespace', group: 'Temporal', needed: true, run: lookAtNamespace },
];

async function lookAtServer(patient: Patient): Promise<Finding[]> {
  let temporal: Temporal;
  try {
    temporal = await patient.connected;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (isRefusal(error)) return [temporalFinding(error, true, 'at the first call')];
    return [
      {
        id: 'temporal-unreachable',
        level: 'stop',
        title: 'Temporal does not answer',
        detail: `Nobody answers at ${addressOf(patient)}.`,
        fix: 'Start it, or set TEMPORAL_ADDRESS (and TEMPORAL_API_KEY or TEMPORAL_TLS…) to where it is.',
      },
    ];
  }
  const { address, namespace } = temporal;
  let serverVersion: string | null | undefined;
  try {
    ({ serverVersion } = await patient.ask(({ connection }) =>
      connection.workflowService.getSystemInfo({}),
    ));
  } catch (error) {
    if (!isAnotherServer(error)) throw error;
    return [
      {
        id: 'temporal-unreachable',
        level: 'stop',
        title: 'something answers that is not Temporal',
        detail: `At ${address}: ${String(error)}`,
        fix: 'Set TEMPORAL_ADDRESS to the gRPC address of Temporal (its Web UI has another port), and check proxies.',
      },
    ];
  }
  const version = serverVersion ? ` ${serverVersion}` : '';
  const answers: Finding = {
    id: 'temporal',
    level: 'ok',
    title: `Temporal${version} answers at ${address}`,
    detail: `Namespace ${namespace}.`,
  };
  return [answers];
}

/** A web server, or a proxy: the client reads its status as one of gRPC. */
function isAnotherServer(error: unknown): boolean {
  return /HTTP status code/.test(String(error));
}

function addressOf({ io }: Patient): string {
  return temporalSettings(io.env).connectionOptions.address ?? 'localhost:7233';
}

async function lookAtNamespace(patient: Patient): Promise<Finding[]> {
  const { namespace } = await patient.ask((temporal) => Promise.resolve(temporal));
  let ttl: Parameters<typeof optionalTsToMs>[0];
  try {
    ({ workflowExecutionRetentionTtl: ttl } = (await patient.namespace()).config ?? {});
  } catch (error) {
    if (isNotFound(error)) return [missing(namespace)];
    if (isAnotherServer(error)) throw new NotLookedAt('It needs Temporal.');
    throw error;
  }
  const days = (optionalTsToMs(ttl) ?? 0) / DAY_MS;
  const kept = `${Number(days.toFixed(1))} d`;
  if (days >= RETENTION_DAYS) {
    const title = `namespace ${namespace} keeps histories for ${kept}`;
    return [{ id: 'namespace', level: 'ok', title, detail: 'Long enough.' }];
  }
  return [
    {
      id: 'namespace',
      level: 'ok',
      title: `namespace ${namespace} is there`,
      detail: 'TEMPORAL_NAMESPACE, or the profile, names it.',
    },
    {
      id: 'retention-short',
      level: 'warning',
      title: `namespace ${namespace} keeps histories for ${kept} only`,
      detail: `A request that is started again looks into its earlier runs. Once those are gone, only AWS knows: the tag on the account, and its e-mail address. A second account is made only where the address was changed as well. ${RETENTION_DAYS} days or more are advised.`,
      fix: `temporal operator namespace update --namespace ${namespace} --retention ${RETENTION_DAYS}d`,
    },
  ];
}

function missing(namespace: string): Finding {
  return {
    id: 'namespace-missing',
    level: 'stop',
    title: `Temporal has no namespace ${namespace}`,
    detail: 'TEMPORAL_NAMESPACE, or the profile, names it.',
    fix: `temporal operator namespace create --namespace ${namespace} --retention ${RETENTION_DAYS}d`,
  };
}
