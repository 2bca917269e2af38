import {
  CreateOrganizationCommand,
  ListCreateAccountStatusCommand,
  type OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { startMoto, type Moto } from '../support/moto';
import { configClient, creation, destroyClients, organizationsClient, startRig } from './clients';
import { KNOWN_DIFFERENCES } from './moto-differences';
import { playScript } from './moto-script';

type Answers = Record<string, unknown>;

let moto: Moto;
let theirs: Answers;
let ours: Answers;
let theirPages: number;
let ourPages: number;

const MANY_PAGES = 12;

/** Pages of a list of seven at two a page; a list that does not end is left after twelve. */
async function countPages(client: OrganizationsClient, tick: () => void): Promise<number> {
  for (let n = 0; n < 7; n += 1) {
    await client.send(creation(`page${n}@example.com`));
    tick();
  }
  let NextToken: string | undefined;
  for (let pages = 1; pages < MANY_PAGES; pages += 1) {
    const page = await client.send(
      new ListCreateAccountStatusCommand({ MaxResults: 2, NextToken }),
    );
    NextToken = page.NextToken;
    if (NextToken === undefined) return pages;
  }
  return MANY_PAGES;
}

beforeAll(async () => {
  moto = await startMoto();
  const organizations = organizationsClient(moto.url);
  await organizations.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }));
  theirs = await playScript({ organizations, config: configClient(moto.url), settle: () => {} });
  theirPages = await countPages(organizations, () => {});

  const rig = await startRig({
    knobs: { emptyPageRate: 0, pageSize: 20, accountStateFields: 'both' },
  });
  const settle = () => rig.clock.advance(60_000);
  ours = await playScript({ ...rig, settle });
  const pages = await startRig({ knobs: { emptyPageRate: 0, pageSize: 20 } });
  ourPages = await countPages(pages.organizations, () => pages.clock.advance(60_000));
  await rig.simulator.close();
  await pages.simulator.close();
});

afterAll(async () => {
  destroyClients();
  await moto?.close();
});

/** moto knows no `Path` of units and no `Paths` of accounts, both of them newer than it. */
function withoutPaths(value: unknown): unknown {
  const text = JSON.stringify(value, (key, inner: unknown) =>
    key === 'Path' || key === 'Paths' ? undefined : inner,
  );
  return JSON.parse(text);
}

describe('the simulator and moto', () => {
  it('went through the same steps', () => {
    expect(Object.keys(ours)).toEqual(Object.keys(theirs));
    expect(Object.keys(ours)).toEqual(expect.arrayContaining(Object.keys(KNOWN_DIFFERENCES)));
  });

  it('answer alike where no difference is known', () => {
    const alike = ([name]: [string, unknown]) => !KNOWN_DIFFERENCES[name];
    const common = (answers: Answers) => Object.fromEntries(Object.entries(answers).filter(alike));
    expect(Object.keys(common(ours)).length).toBeGreaterThan(20);
    expect(withoutPaths(common(ours))).toEqual(common(theirs));
  });

  it.each(Object.entries(KNOWN_DIFFERENCES))('differ in %s', (name, difference) => {
    expect(theirs[name]).toEqual(difference.moto);
    expect(withoutPaths(ours[name])).toEqual(difference.simulator);
  });

  it('differ in paths, which moto does not know', () => {
    expect(JSON.stringify(ours)).toContain('"Paths":["<o>/<r>/<account>/"]');
    expect(JSON.stringify(theirs)).not.toContain('"Path');
  });

  it('differ in paging: from page two on the tokens of moto lead nowhere', () => {
    expect(ourPages).toBe(4);
    expect(theirPages).toBe(MANY_PAGES);
  });
});
