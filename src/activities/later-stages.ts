import type { VendRequest } from '../contract';
import type { Configuration } from '../config';
import type { Admission } from '../domain/policy';
import { contactTypes } from './alternate-contacts';

/** Every account has it, so AWS Config answers there where all regions of a vend have to be enabled. */
const ENABLED_REGION = 'us-east-1';

/**
 * What is asked for of the stages that are not always there.
 * @param request with the configuration's defaults
 */
export function laterStages(
  request: VendRequest,
  configuration: Configuration,
): Pick<Admission, 'readiness' | 'settling'> {
  const contacts = contactTypes(request.alternateContacts);
  const regions = request.regions ?? [];
  const { readiness } = configuration;
  return {
    ...(readiness.assumeRole
      ? { readiness: { region: askedIn(request, configuration), deadlineMs: readiness.deadline } }
      : {}),
    ...(contacts.length > 0 || regions.length > 0 ? { settling: { contacts, regions } } : {}),
  };
}

/** The first region of the vend that does not have to be enabled first: that comes later. */
function askedIn({ conformance, regions }: VendRequest, configuration: Configuration): string {
  const own = conformance === false ? undefined : conformance?.regions;
  const candidates = own ?? configuration.conformance.regions;
  return candidates.find((region) => !regions?.includes(region)) ?? ENABLED_REGION;
}
