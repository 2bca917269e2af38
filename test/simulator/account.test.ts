import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mkdtempSync } from 'node:fs';
import {
  DeleteAlternateContactCommand,
  DisableRegionCommand,
  EnableRegionCommand,
  GetAlternateContactCommand,
  GetRegionOptStatusCommand,
  ListRegionsCommand,
  PutAlternateContactCommand,
  PutAccountNameCommand,
} from '@aws-sdk/client-account';
import type { AlternateContactType } from '@aws-sdk/client-account';
import { ManualClock, startSimulator } from '../../src/simulator';
import { accountClient, failure, startRig, type Rig } from './clients';

const OPT_IN = 'af-south-1';
const MINUTE = 60_000;
const CONTACT = {
  Name: 'Ada Example',
  Title: 'Head of Cloud',
  EmailAddress: 'cloud@example.com',
  PhoneNumber: '+49 (0)30 123-45',
};

let rig: Rig;
let member: string;
beforeEach(async () => {
  rig = await startRig({ knobs: { emptyPageRate: 0, regionOptMs: 10 * MINUTE } });
  member = rig.simulator.addAccount({ email: 'a@example.com' });
});
afterEach(() => rig.close());

function put(AlternateContactType: AlternateContactType = 'BILLING', more = {}) {
  return rig.account.send(
    new PutAlternateContactCommand({
      AccountId: member,
      AlternateContactType,
      ...CONTACT,
      ...more,
    }),
  );
}

function get(AlternateContactType: AlternateContactType, client = rig.account) {
  const mine = client === rig.account ? { AccountId: member } : {};
  return client.send(new GetAlternateContactCommand({ AlternateContactType, ...mine }));
}

function enable(RegionName = OPT_IN, AccountId = member) {
  return rig.account.send(new EnableRegionCommand({ AccountId, RegionName }));
}

function disable(RegionName = OPT_IN) {
  return rig.account.send(new DisableRegionCommand({ AccountId: member, RegionName }));
}

async function status(RegionName = OPT_IN) {
  const command = new GetRegionOptStatusCommand({ AccountId: member, RegionName });
  return (await rig.account.send(command)).RegionOptStatus;
}

const accountOf = (id: string) => rig.simulator.snapshot().accounts.find((one) => one.id === id);

describe('alternate contacts', () => {
  it('are put, put again, read and deleted', async () => {
    expect(await failure(get('BILLING'))).toMatchObject({
      name: 'ResourceNotFoundException',
      status: 404,
    });
    await put('BILLING');
    await put('SECURITY', { Title: 'CISO' });
    await put('BILLING', { Title: 'Controller' });
    expect((await get('BILLING')).AlternateContact).toEqual({
      ...CONTACT,
      Title: 'Controller',
      AlternateContactType: 'BILLING',
    });
    expect(accountOf(member)?.alternateContacts).toMatchObject({
      BILLING: { title: 'Controller' },
      SECURITY: { title: 'CISO', email: CONTACT.EmailAddress, phone: CONTACT.PhoneNumber },
    });
    const gone = { AccountId: member, AlternateContactType: 'BILLING' } as const;
    await rig.account.send(new DeleteAlternateContactCommand(gone));
    expect(await failure(get('BILLING'))).toMatchObject({ status: 404 });
    expect((await get('SECURITY')).AlternateContact?.Title).toBe('CISO');
  });

  it('have rules', async () => {
    for (const wrong of [
      { PhoneNumber: 'none' },
      { EmailAddress: 'x' },
      { Name: 'x'.repeat(65) },
    ]) {
      expect(await failure(put('BILLING', wrong))).toMatchObject({
        name: 'ValidationException',
        status: 400,
      });
    }
  });

  it('belong to the account that asks where none is named', async () => {
    await put('OPERATIONS');
    const own = accountClient(rig.simulator.url, { accessKeyId: member });
    expect((await get('OPERATIONS', own)).AlternateContact?.Name).toBe(CONTACT.Name);
  });

  it('are in neither log nor journal', async () => {
    const lines: string[] = [];
    const other = await startRig({ log: (line) => lines.push(line) });
    const id = other.simulator.addAccount({ email: 'b@example.com' });
    const command = { AccountId: id, AlternateContactType: 'BILLING', ...CONTACT } as const;
    await other.account.send(new PutAlternateContactCommand(command));
    const said = `${lines.join('\n')} ${JSON.stringify(other.simulator.journal())}`;
    expect(said).toContain('PutAlternateContact');
    expect(said).not.toMatch(/Ada|Head|cloud@|123-45/);
    await other.close();
  });
});

describe('regions', () => {
  it('take their time to be enabled; enabled again is no change', async () => {
    expect(await status()).toBe('DISABLED');
    await enable();
    expect(await status()).toBe('ENABLING');
    rig.clock.advance(10 * MINUTE);
    expect(await status()).toBe('ENABLED');
    expect(accountOf(member)?.regions).toEqual({ [OPT_IN]: 'ENABLED' });
    await enable();
    expect(await status()).toBe('ENABLED');
    const commits = rig.simulator.journal().filter(({ operation }) => operation === 'EnableRegion');
    expect(commits.map(({ committed }) => committed)).toEqual([true, false]);
  });

  it('conflict while they change', async () => {
    await enable();
    const conflict = { name: 'ConflictException', status: 409 };
    expect(await failure(enable())).toMatchObject(conflict);
    expect(await failure(disable())).toMatchObject(conflict);
    rig.clock.advance(10 * MINUTE);
    await disable();
    expect(await status()).toBe('DISABLING');
    expect(await failure(enable())).toMatchObject(conflict);
    rig.clock.advance(10 * MINUTE);
    expect(await status()).toBe('DISABLED');
  });

  it('that every account has are enabled by default; unknown ones are refused', async () => {
    expect(await status('eu-central-1')).toBe('ENABLED_BY_DEFAULT');
    expect(await failure(enable('eu-central-1'))).toMatchObject({ name: 'ValidationException' });
    for (const call of [status('xx-north-9'), enable('xx-north-9')]) {
      expect(await failure(call)).toMatchObject({ name: 'ValidationException', status: 400 });
    }
  });

  it('change six at a time in an account', async () => {
    const names = [
      'ap-east-1',
      'ap-south-2',
      'ca-west-1',
      'eu-south-1',
      'me-south-1',
      'eu-south-2',
    ];
    for (const name of names) await enable(name);
    expect(await failure(enable())).toMatchObject({ name: 'TooManyRequestsException' });
    const other = rig.simulator.addAccount({ email: 'b@example.com' });
    await enable(OPT_IN, other);
    rig.clock.advance(10 * MINUTE);
    await enable();
  });

  it('are listed, by status', async () => {
    await enable();
    const list = (more = {}) =>
      rig.account.send(new ListRegionsCommand({ AccountId: member, ...more }));
    const first = await list({ MaxResults: 20 });
    const second = await list({ MaxResults: 20, NextToken: first.NextToken });
    const names = [...(first.Regions ?? []), ...(second.Regions ?? [])].map(
      (one) => one.RegionName,
    );
    expect(names).toContain('us-east-1');
    expect(new Set(names).size).toBe(names.length);
    expect(second.NextToken).toBeUndefined();
    expect((await list({ RegionOptStatusContains: ['ENABLING'] })).Regions).toEqual([
      { RegionName: OPT_IN, RegionOptStatus: 'ENABLING' },
    ]);
  });
});

describe('who may ask', () => {
  const denied = { name: 'AccessDeniedException', status: 403 };

  it('for a member: the management account, with trusted access and all features', async () => {
    rig.simulator.set({ accountTrustedAccess: false });
    const refused = await failure(put());
    expect(refused).toMatchObject(denied);
    expect(refused.message).toMatch(/account:PutAlternateContact .*trusted access/);
    rig.simulator.set({ accountTrustedAccess: true });
    await put();
    const billing = await startRig({ organization: { featureSet: 'CONSOLIDATED_BILLING' } });
    const id = billing.simulator.addAccount({ email: 'b@example.com' });
    const command = new GetRegionOptStatusCommand({ AccountId: id, RegionName: OPT_IN });
    expect(await failure(billing.account.send(command))).toMatchObject(denied);
    await billing.close();
  });

  it('not another member, nor for a stranger, nor the management account by its own id', async () => {
    const other = accountClient(rig.simulator.url, { accessKeyId: member });
    const about = (AccountId: string) =>
      new GetRegionOptStatusCommand({ AccountId, RegionName: OPT_IN });
    expect(await failure(other.send(about(rig.simulator.managementAccountId)))).toMatchObject(
      denied,
    );
    expect(await failure(rig.account.send(about('999999999999')))).toMatchObject(denied);
    const { managementAccountId } = rig.simulator;
    expect(await failure(rig.account.send(about(managementAccountId)))).toMatchObject(denied);
    const own = new GetRegionOptStatusCommand({ RegionName: OPT_IN });
    expect((await rig.account.send(own)).RegionOptStatus).toBe('DISABLED');
  });

  it('at the published rates', async () => {
    rig.simulator.set({ rateFactor: 1 });
    await enable('ap-east-1');
    const throttled = { name: 'TooManyRequestsException', status: 429 };
    expect(await failure(enable('ca-west-1'))).toMatchObject(throttled);
    for (let n = 0; n < 8; n += 1) await put();
    expect(await failure(put())).toMatchObject(throttled);
    rig.clock.advance(1_000);
    await put();
    await enable('ca-west-1');
  });
});

describe('the same machinery as for other services', () => {
  it('errors by rule and by account, with the code that belongs to the name', async () => {
    const other = rig.simulator.addAccount({ email: 'b@example.com' });
    rig.simulator.inject({
      operation: 'EnableRegion',
      match: { accountId: member },
      kind: 'error',
      error: { name: 'InternalServerException' },
    });
    await enable(OPT_IN, other);
    expect(await failure(enable())).toMatchObject({ name: 'InternalServerException', status: 500 });
    expect(await status()).toBe('DISABLED');
    await enable();
    const { fault, error } = rig.simulator.journal().find((entry) => entry.fault) ?? {};
    expect([fault, error]).toEqual(['error-1', 'InternalServerException']);
  });

  it('spoiled answers', async () => {
    rig.simulator.inject({ operation: 'GetRegionOptStatus', kind: 'unknown-enum' });
    expect(await status()).toBe('NEVER_SEEN');
    rig.simulator.inject({ operation: 'GetRegionOptStatus', kind: 'extra-fields' });
    expect(await status()).toBe('DISABLED');
    rig.simulator.inject({ operation: 'EnableRegion', kind: 'reset', phase: 'after' });
    expect(await failure(enable())).toMatchObject({ code: 'ECONNRESET' });
    expect(await status()).toBe('ENABLING');
    rig.simulator.inject({ operation: 'GetRegionOptStatus', kind: 'html' });
    expect(await failure(status())).toMatchObject({ name: 'SyntaxError' });
  });

  it('names with a namespace, a journal line for each call, and a loud refusal of the rest', async () => {
    rig.simulator.set({ errorTypes: 'namespaced' });
    expect(await failure(status('xx-north-9'))).toMatchObject({ name: 'ValidationException' });
    const rename = new PutAccountNameCommand({ AccountId: member, AccountName: 'x' });
    expect(await failure(rig.account.send(rename))).toMatchObject({
      name: 'UnknownOperationException',
    });
    expect(rig.simulator.journal()).toMatchObject([
      { service: 'account', operation: 'GetRegionOptStatus', status: 400 },
      { service: 'account', operation: 'PutAccountName', error: 'UnknownOperationException' },
    ]);
  });

  it('state that survives a restart', async () => {
    const stateFile = join(mkdtempSync(join(tmpdir(), 'simulator-')), 'state.json');
    const clock = new ManualClock();
    const first = await startSimulator({ profile: 'test', clock, stateFile });
    const AccountId = first.addAccount({ email: 'a@example.com' });
    const client = accountClient(first.url);
    const contact = { AccountId, AlternateContactType: 'SECURITY', ...CONTACT } as const;
    await client.send(new PutAlternateContactCommand(contact));
    await client.send(new EnableRegionCommand({ AccountId, RegionName: OPT_IN }));
    await first.close();
    const second = await startSimulator({ profile: 'test', clock, stateFile });
    const kept = second.snapshot().accounts.find(({ id }) => id === AccountId);
    expect(kept?.alternateContacts?.['SECURITY']?.name).toBe(CONTACT.Name);
    expect(kept?.regions).toEqual({ [OPT_IN]: 'ENABLED' });
    await second.close();
  });
});
