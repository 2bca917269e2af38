const UNIT_ID = /^(?:ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}|r-[0-9a-z]{4,32})$/;

/** An id of an OU or of a root, as against a path of names such as `Workloads/Prod`. */
export function isOrganizationalUnitId(text: string): boolean {
  return UNIT_ID.test(text);
}
