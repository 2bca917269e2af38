import { SEARCH_ATTRIBUTE_NAMES } from '../../../contract';
import { Grpc, grpcCode } from '../../../vends/grpc';
import { isRefusal, type Temporal } from '../../temporal';
import type { Check, Finding } from '../finding';
import type { Patient } from '../patient';

/** `temporal.api.enums.v1.IndexedValueType`. */
const TYPES = [
  'unspecified',
  'Text',
  'Keyword',
  'Int',
  'Double',
  'Bool',
  'Datetime',
  'KeywordList',
];
const KEYWORD = TYPES.indexOf('Keyword');
const UNKNOWN = /invalid search attribute|not defined|no mapping defined/i;

export const searchAttributeChecks: Check<Patient>[] = [
  { name: 'search attributes', group: 'Temporal', needed: true, run: look },
];

async function look(patient: Patient): Promise<Finding[]> {
  const { namespace, types } = await patient.askInNamespace(async (temporal) => ({
    namespace: temporal.namespace,
    types: await readTypes(temporal),
  }));
  const missing = SEARCH_ATTRIBUTE_NAMES.filter((name) => types[name] === undefined);
  const others = SEARCH_ATTRIBUTE_NAMES.filter((name) => (types[name] ?? KEYWORD) !== KEYWORD);
  const faults = [
    ...(missing.length > 0 ? [whereMissing(namespace, missing)] : []),
    ...others.map((name) => ofAnotherType(namespace, name, types[name] ?? 0)),
  ];
  if (faults.length > 0) return faults;
  const detail = `${SEARCH_ATTRIBUTE_NAMES.join(', ')}: all Keyword.`;
  return [
    { id: 'search-attributes', level: 'ok', title: 'search attributes are registered', detail },
  ];
}

/** Those that are registered, with their type. */
async function readTypes(temporal: Temporal): Promise<Record<string, number>> {
  const { connection, namespace } = temporal;
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace,
    });
    return customAttributes ?? {};
  } catch (error) {
    // Temporal Cloud serves no operators: there a query tells whether it is known.
    const isClosed = isRefusal(error) || grpcCode(error) === Grpc.UNIMPLEMENTED;
    if (!isClosed) throw error;
    return tryEach(temporal);
  }
}

async function tryEach({ client }: Temporal): Promise<Record<string, number>> {
  const types: Record<string, number> = {};
  await Promise.all(
    SEARCH_ATTRIBUTE_NAMES.map(async (name) => {
      try {
        await client.workflow.count(`${name} = 'none'`);
        types[name] = KEYWORD;
      } catch (error) {
        const said = `${String(error)} ${String(error instanceof Error ? error.cause : '')}`;
        const [, type] = /value type for search attribute \w+ of type (\w+)/.exec(said) ?? [];
        if (type) types[name] = TYPES.indexOf(type);
        else if (!UNKNOWN.test(said)) throw error;
      }
    }),
  );
  return types;
}

function whereMissing(namespace: string, missing: readonly string[]): Finding {
  const flags = missing.map((name) => `--name ${name} --type Keyword`).join(' ');
  return {
    id: 'search-attribute-missing',
    level: 'stop',
    title: `search attributes are missing: ${missing.join(', ')}`,
    detail: `Temporal refuses to start a vend in namespace ${namespace}. A worker that may registers them when it starts (Temporal Cloud: tcld namespace search-attributes add).`,
    fix: `temporal operator search-attribute create --namespace ${namespace} ${flags}`,
  };
}

function ofAnotherType(namespace: string, name: string, type: number): Finding {
  return {
    id: 'search-attribute-type',
    level: 'stop',
    title: `search attribute ${name} is of type ${TYPES[type] ?? type}, not Keyword`,
    detail: `Vends would fail their first task for ever, and lists by it find nothing. Where somebody else needs it in namespace ${namespace}, give vending a namespace of its own.`,
    fix: `temporal operator search-attribute remove --namespace ${namespace} --name ${name} --yes && temporal operator search-attribute create --namespace ${namespace} --name ${name} --type Keyword`,
  };
}
