import { DescribeOrganizationCommand, ListRootsCommand } from '@aws-sdk/client-organizations';
import type { AwsClients } from '../aws/clients';
import { describeAwsError, isForTheMoment } from '../aws/errors';
import { OwnReason } from '../contract';
import { AwsCallError, call, listAll } from './aws-calls';

export interface OrganizationIdentity {
  id: string;
  managementAccountId: string | undefined;
  /** Such as `aws` or `aws-us-gov`: what ARNs begin with. */
  partition: string;
}

/**
 * Which organization the credentials belong to, and its root: asked once for each set of
 * credentials. Neither changes, and AWS allows one DescribeOrganization and one ListRoots a second.
 */
export class OrganizationLookup {
  readonly #aws: AwsClients;
  #known: { key: string; identity: Promise<OrganizationIdentity> } | undefined;
  readonly #roots = new Map<string, Promise<string>>();

  constructor(aws: AwsClients) {
    this.#aws = aws;
  }

  async identity(): Promise<OrganizationIdentity> {
    const key = await this.#credentialKey();
    if (this.#known?.key === key) return this.#known.identity;
    const identity = this.#describe();
    this.#known = { key, identity };
    identity.catch(() => {
      this.#known = undefined;
    });
    return identity;
  }

  /** Asked once also where many vends begin at the same moment. */
  rootOf(organizationId: string): Promise<string> {
    const known = this.#roots.get(organizationId);
    if (known) return known;
    const root = this.#listRoot();
    this.#roots.set(organizationId, root);
    root.catch(() => this.#roots.delete(organizationId));
    return root;
  }

  async #listRoot(): Promise<string> {
    const roots = await listAll(async (token) => {
      const page = await call('ListRoots', () =>
        this.#aws.organizations.send(new ListRootsCommand({ NextToken: token })),
      );
      return { items: page.Roots, token: page.NextToken };
    });
    const id = roots[0]?.Id;
    if (!id) throw notThere('ListRoots', 'RootNotFoundException', 'AWS names no root');
    return id;
  }

  /**
   * Every activity checks that its credentials belong to the organization of the vend: a worker
   * that was given other ones must not create, or look, in the wrong place.
   */
  async expect(organizationId: string): Promise<OrganizationIdentity> {
    const identity = await this.identity();
    if (identity.id === organizationId) return identity;
    throw new AwsCallError({
      operation: 'DescribeOrganization',
      name: OwnReason.WRONG_ORGANIZATION,
      message: `this vend belongs to ${organizationId}, the worker's credentials to ${identity.id}`,
      outcome: 'rejected',
    });
  }

  async #credentialKey(): Promise<string> {
    try {
      return await this.#aws.credentialKey();
    } catch (error) {
      const said = describeAwsError('GetCredentials', error);
      const name = isForTheMoment(error) ? said.name : 'CredentialsProviderError';
      throw new AwsCallError({ ...said, name, outcome: 'not-sent' });
    }
  }

  async #describe(): Promise<OrganizationIdentity> {
    const answer = await call('DescribeOrganization', () =>
      this.#aws.organizations.send(new DescribeOrganizationCommand({})),
    );
    const { Id: id, Arn, MasterAccountId } = answer.Organization ?? {};
    if (!id) {
      throw notThere(
        'DescribeOrganization',
        'AWSOrganizationsNotInUseException',
        'AWS names no organization',
      );
    }
    return { id, managementAccountId: MasterAccountId, partition: Arn?.split(':')[1] || 'aws' };
  }
}

function notThere(operation: string, name: string, message: string): AwsCallError {
  return new AwsCallError({ operation, name, message, outcome: 'rejected' });
}
