/** A step that moto answers otherwise than AWS does, and what each answers. */
export interface Difference {
  why: string;
  moto: unknown;
  simulator: unknown;
}

const error = (name: string, reason?: string) => ({
  error: { name, ...(reason !== undefined && { reason }), status: 400 },
});

/** An HTML page from moto, which the SDK cannot read. */
const CRASH = { error: { name: 'SyntaxError', status: 500 } };

const started = (AccountName: string) => ({
  CreateAccountStatus: {
    AccountName,
    Id: '<car>',
    RequestedTimestamp: '<time>',
    State: 'IN_PROGRESS',
  },
});

const ended = (AccountName: string) => ({
  AccountId: '<account>',
  AccountName,
  CompletedTimestamp: '<time>',
  Id: '<car>',
  RequestedTimestamp: '<time>',
  State: 'SUCCEEDED',
});

const created = (AccountName: string) => ({ CreateAccountStatus: ended(AccountName) });

const unit = { Arn: 'arn:aws:organizations::<account>:ou/<o>/<ou>', Id: '<ou>', Name: 'Sandbox' };

const account = (email: string, Name: string, JoinedMethod: string, state = 'ACTIVE') => ({
  Arn: 'arn:aws:organizations::<account>:account/<o>/<account>',
  Email: `${email}@example.com`,
  Id: '<account>',
  JoinedMethod,
  JoinedTimestamp: '<time>',
  Name,
  State: state,
  Status: state,
});

const management = (method: string) => account('<management>', '<management>', method);

const ACCEPTS_ANYTHING = 'moto does not check the input of CreateAccount';

/** Found by running moto 5.2.5. Where moto mends one, the test says so and the entry goes. */
export const KNOWN_DIFFERENCES: Record<string, Difference> = {
  'CreateOrganizationalUnit: same name': {
    why: 'moto makes a second unit of the same name',
    moto: { OrganizationalUnit: unit },
    simulator: error('DuplicateOrganizationalUnitException'),
  },
  ListOrganizationalUnitsForParent: {
    why: 'the second unit of the same name',
    moto: { OrganizationalUnits: [unit, unit] },
    simulator: { OrganizationalUnits: [unit] },
  },
  CreateAccount: {
    why: 'moto is done at once',
    moto: created('Team'),
    simulator: started('Team'),
  },
  'DescribeCreateAccountStatus: unknown': {
    why: 'moto has the wrong error',
    moto: error('AccountNotFoundException'),
    simulator: error('CreateAccountStatusNotFoundException'),
  },
  ListCreateAccountStatus: {
    why: "moto lists the management account's creation too",
    moto: { CreateAccountStatuses: [ended('<management>'), ended('Team')] },
    simulator: { CreateAccountStatuses: [ended('Team')] },
  },
  ListAccounts: {
    why: 'the management account of an organization has joined by invitation',
    moto: { Accounts: [management('CREATED'), account('team', 'Team', 'CREATED')] },
    simulator: { Accounts: [management('INVITED'), account('team', 'Team', 'CREATED')] },
  },
  'ListParents: unknown': {
    why: 'moto has the wrong error',
    moto: error('AccountNotFoundException'),
    simulator: error('ChildNotFoundException'),
  },
  'MoveAccount: unknown destination': {
    why: 'moto has an error that MoveAccount does not have',
    moto: error('ParentNotFoundException'),
    simulator: error('DestinationParentNotFoundException'),
  },
  'MoveAccount: unknown source': {
    why: 'moto has an error that MoveAccount does not have',
    moto: error('ParentNotFoundException'),
    simulator: error('SourceParentNotFoundException'),
  },
  'MoveAccount: again': {
    why: 'moto ignores the source and accepts a second move',
    moto: {},
    simulator: error('DuplicateAccountException'),
  },
  'DeleteOrganizationalUnit: not empty': {
    why: 'moto deletes units with accounts in them',
    moto: {},
    simulator: error('OrganizationalUnitNotEmptyException'),
  },
  'CreateAccount: name of 51': {
    why: ACCEPTS_ANYTHING,
    moto: created('x'.repeat(51)),
    simulator: error('InvalidInputException', 'MAX_LENGTH_EXCEEDED'),
  },
  'CreateAccount: nonsense e-mail': {
    why: ACCEPTS_ANYTHING,
    moto: created('Team'),
    simulator: error('InvalidInputException', 'INVALID_PATTERN'),
  },
  'CreateAccount: system tag': {
    why: ACCEPTS_ANYTHING,
    moto: created('Team'),
    simulator: error('InvalidInputException', 'INVALID_SYSTEM_TAGS_PARAMETER'),
  },
  'CreateAccount: 51 tags': {
    why: ACCEPTS_ANYTHING,
    moto: created('Team'),
    simulator: error('ConstraintViolationException', 'MAX_TAG_LIMIT_EXCEEDED'),
  },
  'CreateAccount: same e-mail': {
    why: 'moto is done at once',
    moto: created('Team'),
    simulator: started('Team'),
  },
  'DescribeCreateAccountStatus: same e-mail': {
    why: 'moto lets two accounts have one address',
    moto: created('Team'),
    simulator: {
      CreateAccountStatus: {
        AccountName: 'Team',
        CompletedTimestamp: '<time>',
        FailureReason: 'EMAIL_ALREADY_EXISTS',
        Id: '<car>',
        RequestedTimestamp: '<time>',
        State: 'FAILED',
      },
    },
  },
  CreateGovCloudAccount: {
    why: 'moto has no GovCloud',
    moto: CRASH,
    simulator: started('Gov'),
  },
  'DescribeAccount: after CloseAccount': {
    why: 'moto goes straight to SUSPENDED',
    moto: { Account: account('team', 'Team', 'CREATED', 'SUSPENDED') },
    simulator: { Account: account('team', 'Team', 'CREATED', 'PENDING_CLOSURE') },
  },
  'DescribeOrganizationConformancePacks: no names': {
    why: 'moto crashes without names',
    moto: CRASH,
    simulator: {
      OrganizationConformancePacks: [
        {
          ConformancePackInputParameters: [],
          ExcludedAccounts: [],
          LastUpdateTime: '<time>',
          OrganizationConformancePackArn:
            'arn:aws:config:us-east-1:<account>:organization-conformance-pack/Baseline-<suffix>',
          OrganizationConformancePackName: 'Baseline',
        },
      ],
    },
  },
  'GetOrganizationConformancePackDetailedStatus: filtered': {
    why: 'moto has one row, of the calling account, and ignores filters',
    moto: {
      OrganizationConformancePackDetailedStatuses: [
        {
          AccountId: '<account>',
          ConformancePackName: 'OrgConformsPack-Baseline-<suffix>',
          LastUpdateTime: '<time>',
          Status: 'CREATE_SUCCESSFUL',
        },
      ],
    },
    simulator: { OrganizationConformancePackDetailedStatuses: [] },
  },
  'PutOrganizationConformancePack: TemplateBody': {
    why: 'moto crashes unless TemplateS3Uri is given',
    moto: CRASH,
    simulator: {
      OrganizationConformancePackArn:
        'arn:aws:config:us-east-1:<account>:organization-conformance-pack/Other-<suffix>',
    },
  },
};
