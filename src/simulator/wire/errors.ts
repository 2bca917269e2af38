/** An answer that AWS gives on purpose. `name` is what travels in `__type`. */
export class AwsError extends Error {
  readonly reason: string | undefined;
  readonly status: number | undefined;

  constructor(
    name: string,
    message: string,
    options: { reason?: string | undefined; status?: number | undefined } = {},
  ) {
    super(message);
    this.name = name;
    this.reason = options.reason;
    this.status = options.status;
  }
}

export function invalidInput(reason: string, message: string): AwsError {
  return new AwsError('InvalidInputException', message, { reason });
}

export function constraintViolation(reason: string, message: string): AwsError {
  return new AwsError('ConstraintViolationException', message, { reason });
}

/** "All errors are 400 except ServiceException", say the API references of Organizations and Config. */
const DOCUMENTED_SERVER_ERRORS = new Set(['ServiceException', 'InternalFailure']);

/** The codes that the Organizations service model carries instead. */
const MODEL_CODES: Record<string, number> = {
  AccessDeniedException: 403,
  AccessDeniedForDependencyException: 403,
  AWSOrganizationsNotInUseException: 404,
  AccountNotFoundException: 404,
  ChildNotFoundException: 404,
  CreateAccountStatusNotFoundException: 404,
  DestinationParentNotFoundException: 404,
  OrganizationalUnitNotFoundException: 404,
  ParentNotFoundException: 404,
  RootNotFoundException: 404,
  SourceParentNotFoundException: 404,
  TargetNotFoundException: 404,
  AccountAlreadyClosedException: 409,
  ConcurrentModificationException: 409,
  ConflictException: 409,
  ConstraintViolationException: 409,
  DuplicateAccountException: 409,
  DuplicateOrganizationalUnitException: 409,
  FinalizingOrganizationException: 409,
  OrganizationalUnitNotEmptyException: 409,
  TooManyRequestsException: 429,
  UnsupportedAPIEndpointException: 403,
};

export function httpStatus(name: string, codes: 'documented' | 'model'): number {
  const bare = name.slice(name.lastIndexOf('#') + 1);
  if (DOCUMENTED_SERVER_ERRORS.has(bare)) return 500;
  return codes === 'model' ? (MODEL_CODES[bare] ?? 400) : 400;
}
