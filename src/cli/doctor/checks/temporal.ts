import { optionalTsToMs } from '@temporalio/common/lib/time';
import { temporalSettings, type TemporalSettings } from '../../../config';
import { clientCertificateEnds, describeSecurity, isInClear, TlsFault } from '../../../connection';
import { CommandError } from '../../errors';
import { isLoopback, isNotFound, isRefusal, type Temporal } from '../../temporal';
import { NotLookedAt, type Check, type Finding } from '../finding';
import type { Patient } from '../patient';
import { temporalFinding } from '../temporal-finding';

const DAY_MS = 86_400_000;
/** Below it a request that is started again may find nothing of its first run. */
const RETENTION_DAYS = 30;
/** Time enough to renew it. */
const CERTIFICATE_DAYS = 14;

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
    if (error.cause instanceof TlsFault) {
      const { message, fix } = error.cause;
      const title = 'Temporal cannot be spoken to: it is about TLS';
      return [
        {
          id: 'temporal-tls',
          level: 'stop',
          title,
          detail: `${addressOf(patient)}: ${message}.`,
          fix,
        },
      ];
    }
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
    title: `Temporal${version} answers at ${address} (${describeSecurity(settingsOf(patient))})`,
    detail: `Namespace ${namespace}.`,
  };
  return [
    answers,
    ...inClearFindings(settingsOf(patient), address),
    ...certificateThatEnds(patient),
  ];
}

/** What is sent to another machine without TLS, whoever stands between reads. */
export function inClearFindings(
  settings: TemporalSettings['connectionOptions'],
  address: string,
): Finding[] {
  if (!isInClear(settings) || isLoopback(address)) return [];
  const hasKey = settings.apiKey !== undefined;
  // A name without a dot is one of a network of one's own, such as that of our compose file.
  const isNear = !address.includes('.') && !address.includes(']');
  return [
    {
      id: 'temporal-in-clear',
      level: hasKey || !isNear ? 'warning' : 'note',
      title: `what goes to Temporal at ${address} can be read on its way`,
      detail: hasKey
        ? 'TLS is switched off, and the API key goes with every call.'
        : 'There is no TLS. Whoever stands between can read it, and vend accounts.',
      fix: 'Set TEMPORAL_TLS=true, and what the server asks for (docs/production.md); or keep that network to yourself.',
    },
  ];
}

function certificateThatEnds(patient: Patient): Finding[] {
  const ends = clientCertificateEnds(settingsOf(patient));
  if (!ends || ends.getTime() - Date.now() > CERTIFICATE_DAYS * DAY_MS) return [];
  return [
    {
      id: 'client-certificate-ends',
      level: 'warning',
      title: `the client certificate for Temporal ends on ${ends.toISOString().slice(0, 10)}`,
      detail: 'After that the server lets in neither workers nor commands that show it.',
      fix: 'Renew TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH, and restart the workers.',
    },
  ];
}

/** A web server, or a proxy: the client reads its status as one of gRPC. */
function isAnotherServer(error: unknown): boolean {
  return /HTTP status code/.test(String(error));
}

function addressOf(patient: Patient): string {
  return settingsOf(patient).address ?? 'localhost:7233';
}

function settingsOf({ io }: Patient) {
  return temporalSettings(io.env).connectionOptions;
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
