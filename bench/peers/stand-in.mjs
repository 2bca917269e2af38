/**
 * As much of S3, EC2, IAM, Support, EventBridge and of the policies of Organizations as org-formation
 * wants to see before it creates an account. No other contestant calls any of it.
 */
const JSON_TYPE = { 'content-type': 'application/x-amz-json-1.1' };
const XML_TYPE = { 'content-type': 'text/xml' };

const json = (value, status = 200) => ({ status, headers: JSON_TYPE, body: JSON.stringify(value) });
const xml = (body, status = 200) => ({ status, headers: XML_TYPE, body });

const POLICIES = {
  ListPolicies: () => json({ Policies: [] }),
  ListPoliciesForTarget: () => json({ Policies: [] }),
  ListTargetsForPolicy: () => json({ Targets: [] }),
};

/** What a new account is like: no alias and no password policy. */
const IAM = {
  ListAccountAliases: () =>
    xml(
      '<ListAccountAliasesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListAccountAliasesResult><IsTruncated>false</IsTruncated><AccountAliases/></ListAccountAliasesResult></ListAccountAliasesResponse>',
    ),
  GetAccountPasswordPolicy: () =>
    xml(
      '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>There is no password policy.</Message></Error></ErrorResponse>',
      404,
    ),
};

const EC2 = {
  DescribeRegions: () =>
    xml(
      '<DescribeRegionsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><regionInfo><item><regionName>us-east-1</regionName><regionEndpoint>ec2.us-east-1.amazonaws.com</regionEndpoint><optInStatus>opt-in-not-required</optInStatus></item></regionInfo></DescribeRegionsResponse>',
    ),
};

/** @returns what answers a call, or nothing where the simulator is to answer it */
export function createStandIn() {
  const objects = new Map();
  const services = {
    organizations: POLICIES,
    iam: IAM,
    ec2: EC2,
    // An account without paid support hears this.
    support: {
      DescribeSeverityLevels: () => json({ __type: 'SubscriptionRequiredException' }, 400),
    },
    events: { PutEvents: () => json({ FailedEntryCount: 0, Entries: [{ EventId: '1' }] }) },
  };
  return ({ service, operation, text }, { method, url }) => {
    if (service === 's3') return storage(objects, method, url, text);
    return services[service]?.[operation]?.();
  };
}

/** One bucket with whole objects. */
function storage(objects, method, url, text) {
  const [path] = url.split('?');
  if (method === 'PUT') {
    objects.set(path, text);
    return { status: 200, headers: { etag: '"1"' }, body: '' };
  }
  const found = objects.get(path);
  if (found !== undefined) return { status: 200, headers: { etag: '"1"' }, body: found };
  return xml('<Error><Code>NoSuchKey</Code><Message>There is no such key.</Message></Error>', 404);
}
