import { DescribeOrganizationCommand } from '@aws-sdk/client-organizations';
import type { AwsClients } from '../aws/clients';
import { describeAwsError } from '../aws/errors';
import { OwnReason } from '../contract';
import { AwsCallError, call } from './aws-calls';

export interface OrganizationIdentity {
  id: string;
  managementAccountId: string | undefined;
}

/** Which organization the credentials belong to; asked once for each set of credentials. */
export class OrganizationLookup {
  readonly #aws: AwsClients;
  #known: { key: string; identity: Promise<OrganizationIdentity> } | undefined;

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
      throw new AwsCallError({
        ...describeAwsError('GetCredentials', error),
        name: 'CredentialsProviderError',
        outcome: 'not-sent',
      });
    }
  }

  async #describe(): Promise<OrganizationIdentity> {
    const answer = await call('DescribeOrganization', () =>
      this.#aws.organizations.send(new DescribeOrganizationCommand({})),
    );
    const id = answer.Organization?.Id;
    if (!id) {
      throw new AwsCallError({
        operation: 'DescribeOrganization',
        name: 'AWSOrganizationsNotInUseException',
        message: 'AWS names no organization',
        outcome: 'rejected',
      });
    }
    return { id, managementAccountId: answer.Organization?.MasterAccountId };
  }
}
