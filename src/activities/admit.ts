import { createHash } from 'node:crypto';
import { REQUEST_TAG, requestTagValue } from '../contract';
import type { AlternateContacts, FieldProblem, VendRequest } from '../contract';
import { checkRequest, toPolicy } from '../config';
import type { Configuration } from '../config';
import { parseDuration } from '../domain/duration';
import type { Admission, RequiredPack } from '../domain/policy';
import { outcomeOf } from './aws-calls';
import { requiredPacks } from './conformance-packs';
import type { PackCatalogue } from './conformance-packs';
import type { ActivityDeps } from './deps';
import { laterStages } from './later-stages';
import type { OrganizationLookup } from './organization';
import { findOrganizationalUnit } from './organizational-units';
import type { Outcome } from './outcomes';

export type AdmitAnswer =
  { admitted: true; admission: Admission } | { admitted: false; problems: FieldProblem[] };

export interface AdmitInput {
  request: unknown;
  /** An amendment changes no pack; and packs that have gone since are told where they are missed. */
  scope: 'all' | 'without-conformance';
}

/**
 * Checks the request and everything it names, before AWS is asked to create anything.
 * Read-only. Its problems are the requester's; AWS's own refusals come as an outcome.
 */
export async function admit(
  deps: ActivityDeps,
  lookup: OrganizationLookup,
  catalogue: PackCatalogue,
  input: AdmitInput,
): Promise<Outcome<AdmitAnswer>> {
  const checked = checkRequest(input.request, deps.configuration);
  if (!checked.ok) return { ok: true, value: { admitted: false, problems: checked.problems } };
  const request = withDefaults(checked.value, deps.configuration);

  return outcomeOf(async (): Promise<AdmitAnswer> => {
    const { id: organizationId } = await lookup.identity();
    if (request.organizationId && request.organizationId !== organizationId) {
      return refuse(
        'organizationId',
        `is not the organization of the worker's credentials, which is ${organizationId}; send the request to the task queue of that organization's worker`,
      );
    }
    const rootId = await lookup.rootOf(organizationId);
    const unit = await findOrganizationalUnit(deps.aws, rootId, request.organizationalUnit);
    const unitProblems: FieldProblem[] = [];
    if (!unit.found) {
      const origin = checked.value.organizationalUnit ? '' : ' (from the configuration)';
      unitProblems.push({ field: 'organizationalUnit', message: `${unit.why}${origin}` });
    }
    const packs =
      input.scope === 'all'
        ? await packsFor(deps, catalogue, request)
        : ({ ok: true, required: [] } as const);
    const asked = request.conformance || {};
    const configured = deps.configuration.conformance;
    if (!unit.found || !packs.ok) {
      return { admitted: false, problems: [...unitProblems, ...(packs.ok ? [] : packs.problems)] };
    }
    return {
      admitted: true,
      admission: {
        request: toAdmitted(request, deps.configuration, organizationId),
        policy: toPolicy(deps.configuration),
        organizationId,
        rootId,
        organizationalUnitId: unit.id,
        ...laterStages(request, deps.configuration),
        conformance: {
          required: [...packs.required],
          scope: asked.scope ?? configured.scope,
          deadlineMs: (asked.deadline && parseDuration(asked.deadline)) || configured.deadline,
        },
      },
    };
  });
}

function refuse(field: string, message: string): AdmitAnswer {
  return { admitted: false, problems: [{ field, message }] };
}

function withDefaults(request: VendRequest, configuration: Configuration): VendRequest {
  const { roleName, iamUserAccessToBilling, alternateContacts, regions } = configuration.defaults;
  const unit = request.organizationalUnit ?? configuration.placement.organizationalUnit;
  return {
    ...(roleName ? { roleName } : {}),
    ...(iamUserAccessToBilling ? { iamUserAccessToBilling } : {}),
    ...(alternateContacts ? { alternateContacts: alternateContacts as AlternateContacts } : {}),
    ...(regions ? { regions } : {}),
    ...request,
    ...(unit ? { organizationalUnit: unit } : {}),
  };
}

async function packsFor(
  deps: ActivityDeps,
  catalogue: PackCatalogue,
  request: VendRequest,
): Promise<{ ok: true; required: RequiredPack[] } | { ok: false; problems: FieldProblem[] }> {
  if (request.conformance === false) return { ok: true, required: [] };
  const { conformance } = deps.configuration;
  return requiredPacks(catalogue, {
    packs: request.conformance?.packs ?? conformance.packs,
    regions: request.conformance?.regions ?? conformance.regions,
    allowNone: conformance.allowNone,
  });
}

function toAdmitted(
  request: VendRequest,
  configuration: Configuration,
  organizationId: string,
): Admission['request'] {
  const { requestId, existingAccountId, accountName, email, roleName, iamUserAccessToBilling } =
    request;
  return {
    requestId,
    kind: request.kind ?? 'standard',
    ...(existingAccountId ? { existingAccountId } : {}),
    ...(accountName ? { accountName } : {}),
    ...(email ? { email, emailKey: emailKeyOf(email, organizationId) } : {}),
    ...(roleName ? { roleName } : {}),
    ...(iamUserAccessToBilling ? { iamUserAccessToBilling } : {}),
    tags: {
      ...configuration.tags,
      ...request.tags,
      [REQUEST_TAG]: requestTagValue(requestId, configuration.installation),
    },
  };
}

/** Tells addresses apart where none may stand: 96 bits of a hash, the same whatever the case. */
function emailKeyOf(email: string, organizationId: string): string {
  const hash = createHash('sha256').update(`${organizationId} ${email.toLowerCase()}`);
  return hash.digest('base64url').slice(0, 16);
}
