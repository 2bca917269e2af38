import {
  DescribeOrganizationConformancePacksCommand,
  DescribeOrganizationConformancePackStatusesCommand,
  GetOrganizationConformancePackDetailedStatusCommand,
  PutOrganizationConformancePackCommand,
  DeleteOrganizationConformancePackCommand,
  type ConfigServiceClient,
} from '@aws-sdk/client-config-service';
import {
  CloseAccountCommand,
  CreateAccountCommand,
  CreateGovCloudAccountCommand,
  CreateOrganizationalUnitCommand,
  DeleteOrganizationalUnitCommand,
  DescribeAccountCommand,
  DescribeCreateAccountStatusCommand,
  DescribeOrganizationCommand,
  DescribeOrganizationalUnitCommand,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListChildrenCommand,
  ListCreateAccountStatusCommand,
  ListOrganizationalUnitsForParentCommand,
  ListParentsCommand,
  ListRootsCommand,
  ListTagsForResourceCommand,
  MoveAccountCommand,
  TagResourceCommand,
  type OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { failure } from './clients';

export interface Services {
  organizations: OrganizationsClient;
  config: ConfigServiceClient;
  /** Lets a creation or closure end. */
  settle: () => void;
}

const PACK = 'Baseline';

/** One life of an organization: every answer by the name of its step, ids and times masked. */
export async function playScript(services: Services): Promise<Record<string, unknown>> {
  const { organizations, config, settle } = services;
  const answers: Record<string, unknown> = {};
  const step = async <Answer>(name: string, call: Promise<Answer>): Promise<Answer | undefined> => {
    try {
      const answer = await call;
      answers[name] = mask(answer);
      return answer;
    } catch {
      const { message: _, ...error } = await failure(call);
      answers[name] = { error };
      return undefined;
    }
  };
  const input = { AccountName: 'Team', Email: 'team@example.com' };
  const tag = { Key: 'team', Value: 'a' };

  await step('DescribeOrganization', organizations.send(new DescribeOrganizationCommand({})));
  const roots = await step('ListRoots', organizations.send(new ListRootsCommand({})));
  const root = roots?.Roots?.[0]?.Id ?? '';
  const makeUnit = () =>
    organizations.send(new CreateOrganizationalUnitCommand({ ParentId: root, Name: 'Sandbox' }));
  const made = await step('CreateOrganizationalUnit', makeUnit());
  const unit = made?.OrganizationalUnit?.Id ?? '';
  const nowhere = unit.replace(/.{8}$/, '00000000');
  await step('CreateOrganizationalUnit: same name', makeUnit());
  await step(
    'ListOrganizationalUnitsForParent',
    organizations.send(new ListOrganizationalUnitsForParentCommand({ ParentId: root })),
  );
  const describeUnit = (id: string) =>
    organizations.send(new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: id }));
  await step('DescribeOrganizationalUnit', describeUnit(unit));
  await step('DescribeOrganizationalUnit: unknown', describeUnit(nowhere));

  const create = (more: object = {}) =>
    organizations.send(new CreateAccountCommand({ ...input, ...more }));
  const first = await step('CreateAccount', create({ Tags: [tag] }));
  settle();
  const describeStatus = (id: string) =>
    organizations.send(new DescribeCreateAccountStatusCommand({ CreateAccountRequestId: id }));
  const ended = await step(
    'DescribeCreateAccountStatus',
    describeStatus(first?.CreateAccountStatus?.Id ?? ''),
  );
  const account = ended?.CreateAccountStatus?.AccountId ?? '';
  await step('DescribeCreateAccountStatus: unknown', describeStatus(`car-${'0'.repeat(32)}`));
  await step(
    'ListCreateAccountStatus',
    organizations.send(new ListCreateAccountStatusCommand({ States: ['SUCCEEDED'] })),
  );

  const describeAccount = (id: string) =>
    organizations.send(new DescribeAccountCommand({ AccountId: id }));
  await step('DescribeAccount', describeAccount(account));
  await step('DescribeAccount: unknown', describeAccount('000000000000'));
  await step('ListAccounts', organizations.send(new ListAccountsCommand({})));
  const parents = (id: string) => organizations.send(new ListParentsCommand({ ChildId: id }));
  await step('ListParents', parents(account));
  await step('ListParents: unknown', parents('000000000000'));
  const tags = (id: string) =>
    organizations.send(new ListTagsForResourceCommand({ ResourceId: id }));
  await step('ListTagsForResource', tags(account));
  await step('ListTagsForResource: unknown', tags('000000000000'));
  await step(
    'TagResource',
    organizations.send(
      new TagResourceCommand({ ResourceId: account, Tags: [{ Key: 'team', Value: 'b' }] }),
    ),
  );
  await step('ListTagsForResource: overwritten', tags(account));

  const move = (SourceParentId: string, DestinationParentId: string) =>
    organizations.send(
      new MoveAccountCommand({ AccountId: account, SourceParentId, DestinationParentId }),
    );
  await step('MoveAccount: unknown destination', move(root, nowhere));
  await step('MoveAccount: unknown source', move(nowhere, root));
  await step('MoveAccount', move(root, unit));
  await step('MoveAccount: again', move(root, unit));
  await step(
    'ListAccountsForParent',
    organizations.send(new ListAccountsForParentCommand({ ParentId: unit })),
  );
  await step(
    'ListChildren',
    organizations.send(new ListChildrenCommand({ ParentId: unit, ChildType: 'ACCOUNT' })),
  );
  const deleteUnit = () =>
    organizations.send(new DeleteOrganizationalUnitCommand({ OrganizationalUnitId: unit }));
  await step('DeleteOrganizationalUnit: not empty', deleteUnit());

  await step('CreateAccount: name of 51', create({ AccountName: 'x'.repeat(51) }));
  await step('CreateAccount: nonsense e-mail', create({ Email: 'nonsense' }));
  await step('CreateAccount: system tag', create({ Tags: [{ Key: 'aws:a', Value: 'b' }] }));
  const many = Array.from({ length: 51 }, (_, n) => ({ Key: `k${n}`, Value: '' }));
  await step('CreateAccount: 51 tags', create({ Tags: many }));
  const again = await step('CreateAccount: same e-mail', create());
  settle();
  await step(
    'DescribeCreateAccountStatus: same e-mail',
    describeStatus(again?.CreateAccountStatus?.Id ?? ''),
  );
  await step(
    'CreateGovCloudAccount',
    organizations.send(
      new CreateGovCloudAccountCommand({ AccountName: 'Gov', Email: 'gov@example.com' }),
    ),
  );
  settle();
  await step('CloseAccount', organizations.send(new CloseAccountCommand({ AccountId: account })));
  await step('DescribeAccount: after CloseAccount', describeAccount(account));

  const names = { OrganizationConformancePackNames: [PACK] };
  const name = { OrganizationConformancePackName: PACK };
  const put = (more: object) =>
    config.send(new PutOrganizationConformancePackCommand({ ...name, ...more }));
  const statuses = () => config.send(new DescribeOrganizationConformancePackStatusesCommand(names));
  await step('DescribeOrganizationConformancePackStatuses: unknown', statuses());
  const source = { TemplateS3Uri: 's3://bucket/key' };
  await step('PutOrganizationConformancePack', put(source));
  await step(
    'DescribeOrganizationConformancePacks',
    config.send(new DescribeOrganizationConformancePacksCommand(names)),
  );
  await step(
    'DescribeOrganizationConformancePacks: no names',
    config.send(new DescribeOrganizationConformancePacksCommand({})),
  );
  await step('DescribeOrganizationConformancePackStatuses', statuses());
  await step(
    'GetOrganizationConformancePackDetailedStatus: filtered',
    config.send(
      new GetOrganizationConformancePackDetailedStatusCommand({
        ...name,
        Filters: { AccountId: '000000000000' },
      }),
    ),
  );
  await step('PutOrganizationConformancePack: again', put(source));
  await step('DescribeOrganizationConformancePackStatuses: again', statuses());
  const other = { OrganizationConformancePackName: 'Other', TemplateBody: '{}' };
  await step('PutOrganizationConformancePack: TemplateBody', put(other));
  const remove = () => config.send(new DeleteOrganizationConformancePackCommand(name));
  await step('DeleteOrganizationConformancePack', remove());
  return answers;
}

const MASKS: [RegExp, string][] = [
  [/\bcar-[a-z0-9]{8,32}\b/g, '<car>'],
  [/^(?:master|management)(?=@|$)/i, '<management>'],
  [/\bou-[0-9a-z]{4,32}-[a-z0-9]{8,32}\b/g, '<ou>'],
  [/\bo-[a-z0-9]{10,32}\b/g, '<o>'],
  [/\br-[0-9a-z]{4,32}\b/g, '<r>'],
  [/\b\d{12}\b/g, '<account>'],
  [/(Baseline|Other)-[A-Za-z0-9]{8}\b/g, '$1-<suffix>'],
];

/** Members sorted and without the SDK's metadata; ids and times by their form only. */
function mask(value: unknown): unknown {
  if (value instanceof Date) return '<time>';
  if (typeof value === 'string') {
    return MASKS.reduce((text, [pattern, name]) => text.replace(pattern, name), value);
  }
  if (Array.isArray(value)) return value.map(mask);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => key !== '$metadata' && inner !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, mask(inner)]),
  );
}
