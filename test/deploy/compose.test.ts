import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { loadConfiguration } from '../../src/config';
import { SEARCH_ATTRIBUTE_NAMES } from '../../src/contract';

/** A file or folder of the machine. */
interface Mounted {
  type: string;
  source: string;
  target: string;
  read_only?: boolean;
  bind?: { create_host_path?: boolean; selinux?: string };
}

interface Service {
  image?: string;
  build?: { context: string; dockerfile: string };
  command?: string[];
  environment?: Record<string, string | null>;
  volumes?: (string | Mounted)[];
  pull_policy?: string;
  ports?: string[];
  restart?: string;
  healthcheck?: { test: string[] };
  depends_on?: Record<string, { condition: string }>;
  profiles?: string[];
  [key: string]: unknown;
}

const root = resolve(__dirname, '../..');
const text = readFileSync(join(root, 'temporal-docker-compose.yml'), 'utf8');
const compose = parse(text, { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const services = Object.entries(compose.services);
const ONCE = 'on-failure:5';
const mountedBy = ({ volumes = [] }: Service) =>
  volumes.filter((volume): volume is Mounted => typeof volume !== 'string');
/** What is laid over it. */
const mutualText = readFileSync(join(root, 'deploy/mtls.yml'), 'utf8');
const mutual = parse(mutualText, { merge: true }) as { services: Record<string, Service> };
const example = readFileSync(join(root, '.env.example'), 'utf8');

/** `${NAME}`, `${NAME:-default}` and `${NAME:?…}` of the two files, with what follows the name. */
const references = [...`${text}${mutualText}`.matchAll(/\$\{([A-Z_]+)(:[-?][^}]*)?\}/g)].map(
  ([, name = '', rest = '']) => ({ name, rest }),
);

const SECRET = /PASSWORD|SECRET|TOKEN|KEY/;

/** Variables that go through as they are. */
const passedOn = services.flatMap(([, { environment = {} }]) =>
  Object.entries(environment)
    .filter(([, value]) => value === null)
    .map(([name]) => name),
);

describe('temporal-docker-compose.yml', () => {
  const validate = composeSchema();

  test('is valid by the schema of the Compose Specification', () => {
    expect(validate(compose)).toEqual([]);
  });

  test.each([
    ['a word that is none', { services: { temporal: { imagge: 'x' } } }],
    ['a health check without a test of the right kind', { services: { a: { healthcheck: 1 } } }],
    ['a condition that is none', { services: { a: { depends_on: { b: { condition: 'up' } } } } }],
  ])('whose schema would notice %s', (_, broken) => {
    expect(validate(broken)).not.toEqual([]);
  });

  test('has no password: what is secret comes from outside, and without it nothing starts', () => {
    const secrets = references.filter(({ name }) => SECRET.test(name));
    expect(secrets.length).toBeGreaterThan(0);
    for (const { name, rest } of secrets)
      expect([name, rest]).toEqual([name, expect.stringMatching(/^:\?/)]);
    const given = services
      .flatMap(([, { environment = {} }]) => Object.entries(environment))
      .filter(([name, value]) => SECRET.test(name) && value !== null);
    for (const [name, value] of given) {
      expect([name, value]).toEqual([name, expect.stringMatching(/^\$\{/)]);
    }
    expect(example).toMatch(/^POSTGRES_PASSWORD=$/m);
    expect(readFileSync(join(root, '.gitignore'), 'utf8').split('\n')).toContain('.env');
  });

  test('pins every image to a version', () => {
    for (const [name, { image }] of services) {
      const named = image?.replace('${VEND_IMAGE_TAG:-0.1.0}', '0.1.0');
      expect([name, named]).toEqual([name, expect.stringMatching(/:\d+\.\d+[\w.-]*$/)]);
    }
  });

  test('opens ports on this machine only', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  test('says of each service when it is started again; of each that stays, when it is well', () => {
    for (const [name, { restart, healthcheck }] of services) {
      if (restart === ONCE) continue;
      expect([name, restart]).toEqual([name, 'unless-stopped']);
      expect([name, healthcheck?.test[0]]).toEqual([name, expect.stringMatching(/^CMD/)]);
    }
  });

  test('starts each when what it needs is well, or is done', () => {
    for (const [name, { depends_on: needed = {} }] of services) {
      for (const [other, { condition }] of Object.entries(needed)) {
        const once = compose.services[other]?.restart === ONCE;
        const right = once ? 'service_completed_successfully' : 'service_healthy';
        expect([name, other, condition]).toEqual([name, other, right]);
      }
    }
  });

  test('lets `up --wait` succeed: of what runs once, somebody waits for the end', () => {
    const once = services.filter(([, { restart }]) => restart === ONCE);
    const waitedFor = services.flatMap(([, service]) => Object.keys(service.depends_on ?? {}));
    expect(once).toHaveLength(2);
    for (const [name] of once) expect(waitedFor).toContain(name);
  });

  test('keeps what must survive in volumes that have a name', () => {
    const named = services
      .flatMap(([, service]) => service.volumes ?? [])
      .filter((volume) => typeof volume === 'string')
      .map((volume) => volume.replace(/:.*/, ''));
    expect(named.toSorted()).toEqual(Object.keys(compose.volumes).toSorted());
  });

  test('mounts only what is there, makes nothing that is not, and nothing is changed from inside', () => {
    const mounted = services.flatMap(([, service]) => mountedBy(service));
    expect(mounted.length).toBeGreaterThan(3);
    for (const { source, target: _, ...how } of mounted) {
      const path = source.replace(/^\$\{\w+:-([^}]*)\}/, '$1');
      expect([path, existsSync(join(root, path))]).toEqual([path, true]);
      expect(how).toEqual({
        type: 'bind',
        read_only: true,
        bind: { create_host_path: false, selinux: 'z' },
      });
    }
  });

  test('mounts the files that the server is told of', () => {
    const { environment = {}, ...temporal } = compose.services['temporal'] ?? {};
    const [folder] = mountedBy(temporal);
    for (const name of ['TEMPORAL_SERVER_CONFIG_FILE_PATH', 'DYNAMIC_CONFIG_FILE_PATH']) {
      const path = (environment[name] ?? '').replace(folder?.target ?? '', folder?.source ?? '');
      expect([name, path, existsSync(join(root, path))]).toEqual([name, path, true]);
      expect(path).toMatch(/^\.\/deploy/);
    }
  });

  test('builds our image once, for every service of it', () => {
    const ours = services.filter(([, { image }]) => image?.startsWith('account-vending:'));
    const builders = ours.filter(([, { build }]) => build).map(([name]) => name);
    expect(builders).toEqual(['worker']);
    for (const [name, { build, pull_policy: pulls }] of ours) {
      expect([name, build ? 'built' : pulls]).toEqual([name, build ? 'built' : 'never']);
    }
    expect(ours.length).toBe(2);
  });

  test('runs programs of ours that the build makes', () => {
    const named = services
      .filter(([, { image }]) => image?.startsWith('account-vending:'))
      .flatMap(([, { command = [], healthcheck }]) => [...command, ...(healthcheck?.test ?? [])])
      .filter((word) => word.startsWith('lib/'));
    expect(named.length).toBeGreaterThan(2);
    for (const path of named) {
      expect([path, existsSync(join(root, path.replace(/^lib(.*)\.js$/, 'src$1.ts')))]).toEqual([
        path,
        true,
      ]);
    }
  });

  test('asks for nothing that .env.example does not tell of, and that tells of nothing else', () => {
    const told = [...example.matchAll(/^(?:# )?([A-Z_]+)=/gm)].map(([, name = '']) => name);
    const ofCompose = ['COMPOSE_FILE', 'COMPOSE_PROJECT_NAME', 'COMPOSE_PROFILES'];
    const asked = [...references.map(({ name }) => name), ...passedOn, ...ofCompose];
    expect([...new Set(told)].toSorted()).toEqual([...new Set(asked)].toSorted());
  });

  test('gives the server every variable that its configuration cannot do without', () => {
    const needed = templateVariables().filter(({ fallback }) => fallback === undefined);
    const given = Object.keys(compose.services['temporal']?.environment ?? {});
    expect(needed.length).toBeGreaterThan(0);
    for (const { name } of needed) expect(given).toContain(name);
  });
});

describe('deploy/mtls.yml', () => {
  const files = (service: Service | undefined) => ({
    mounted: mountedBy(service ?? {}).map(({ source, target, read_only: isReadOnly, bind }) => ({
      path: source.replace(/^\$\{[^}]*\}/, ''),
      target,
      isReadOnly,
      ...bind,
    })),
    named: Object.values(service?.environment ?? {}).filter((value) => value?.startsWith('/')),
  });

  test('is valid by the schema, and changes only services that are there', () => {
    expect(composeSchema()(mutual)).toEqual([]);
    expect(Object.keys(compose.services)).toEqual(
      expect.arrayContaining(Object.keys(mutual.services)),
    );
  });

  test('gives certificates to the server and to all that speak to it, each its own', () => {
    const speak = services
      .filter(([, { environment = {} }]) => 'TEMPORAL_ADDRESS' in environment)
      .map(([name]) => name);
    expect(Object.keys(mutual.services).toSorted()).toEqual(['temporal', ...speak].toSorted());
    for (const [name, service] of Object.entries(mutual.services)) {
      const kind = name === 'temporal' ? 'server' : 'client';
      const { mounted, named } = files(service);
      expect(mounted).toEqual([
        {
          path: `/${kind}`,
          target: '/certificates',
          isReadOnly: true,
          create_host_path: false,
          selinux: 'z',
        },
      ]);
      expect(named).toHaveLength(3);
    }
  });

  test('names the files that make-certificates.sh makes, and what it signs is trusted', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vend-certificates-'));
    try {
      const made = join(folder, 'made');
      const script = join(root, 'deploy/temporal/make-certificates.sh');
      const make = () => execFileSync('/bin/sh', [script, made], { stdio: 'pipe' }).toString();
      expect(make()).toContain(made);
      for (const [name, service] of Object.entries(mutual.services)) {
        const inside = join(made, name === 'temporal' ? 'server' : 'client');
        for (const path of files(service).named) {
          expect([path, existsSync(join(inside, basename(path ?? '')))]).toEqual([path, true]);
        }
      }
      const read = (path: string) => new X509Certificate(readFileSync(join(made, path)));
      const authority = read('ca.pem');
      const [server, client] = [read('server/temporal.pem'), read('client/client.pem')];
      expect([server, client].map((one) => one.verify(authority.publicKey))).toEqual([true, true]);
      expect(server.checkHost('temporal')).toBe('temporal');
      expect(server.checkIP('127.0.0.1')).toBe('127.0.0.1');
      // Only the server says who it is to clients; and it shows itself to itself.
      const [SERVER, CLIENT] = ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'];
      expect([server.keyUsage, client.keyUsage]).toEqual([[SERVER, CLIENT], [CLIENT]]);
      // A second time it would leave clients with certificates that nobody trusts.
      expect(make).toThrow('has certificates already');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('gives the server what its configuration reads', () => {
    const { environment } = mutual.services['temporal'] ?? {};
    const configuration = render({ ...NEEDED, ...(environment as Record<string, string>) });
    expect(configuration).toMatchObject({
      global: {
        tls: {
          frontend: {
            server: {
              certFile: '/certificates/temporal.pem',
              keyFile: '/certificates/temporal.key',
              requireClientAuth: true,
              clientCaFiles: ['/certificates/ca.pem'],
            },
          },
          systemWorker: {
            certFile: '/certificates/temporal.pem',
            keyFile: '/certificates/temporal.key',
            client: { serverName: 'temporal', rootCaFiles: ['/certificates/ca.pem'] },
          },
        },
      },
    });
    expect(render(NEEDED)).not.toHaveProperty('global.tls');
  });
});

const NEEDED = {
  POSTGRES_ADDRESS: 'postgresql:5432',
  POSTGRES_USER: 'temporal',
  POSTGRES_PASSWORD: 'a "quoted" one: with # and }}',
};

describe("the server's configuration", () => {
  test('parses, where nothing but what is needed is given', () => {
    expect(render(NEEDED)).toMatchObject({
      persistence: {
        numHistoryShards: 128,
        datastores: {
          default: { sql: { password: 'a "quoted" one: with # and }}', databaseName: 'temporal' } },
          visibility: { sql: { databaseName: 'temporal_visibility' } },
        },
      },
      services: { frontend: { rpc: { grpcPort: 7233, bindOnIP: '127.0.0.1' } } },
      clusterMetadata: { clusterInformation: { active: { rpcAddress: '127.0.0.1:7233' } } },
    });
  });

  test('is one that the server reads as a template', () => {
    expect(serverYaml().slice(0, 1024)).toMatch(/^#.*enable-template/m);
  });

  test('has its changeable part beside it, as YAML', () => {
    const file = join(root, 'deploy/temporal/dynamic-config.yaml');
    expect(parse(readFileSync(file, 'utf8'))).toEqual({
      'frontend.WorkflowTimeSkippingEnabled': [{ value: false }],
    });
  });
});

test("the worker's configuration is one that it takes", () => {
  const path = join(root, 'deploy/vending.yaml');
  expect(loadConfiguration({ path, env: {} })).toMatchObject({ conformance: { packs: 'all' } });
});

describe('the scripts that set up', () => {
  const script = (name: string) => join(root, 'deploy/temporal', name);

  test.each(['set-up-schema.sh', 'set-up-namespace.sh', 'make-certificates.sh'])(
    '%s is one of a plain shell',
    (name) => {
      expect(execFileSync('/bin/sh', ['-n', script(name)]).toString()).toBe('');
    },
  );

  test('register the search attributes of the contract, and no other', () => {
    const [, names = ''] =
      /^attributes='([^']*)'$/m.exec(readFileSync(script('set-up-namespace.sh'), 'utf8')) ?? [];
    expect(names.split(' ').toSorted()).toEqual([...SEARCH_ATTRIBUTE_NAMES].toSorted());
  });
});

function composeSchema() {
  const folder = dirname(createRequire(__filename).resolve('dclint/package.json'));
  const { $schema: _, ...schema } = JSON.parse(
    readFileSync(join(folder, 'schemas/compose.schema.json'), 'utf8'),
  ) as Record<string, unknown>;
  const check = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
  return (value: unknown) => (check(value) ? [] : (check.errors ?? []));
}

function serverYaml() {
  return readFileSync(join(root, 'deploy/temporal/server.yaml'), 'utf8');
}

const EXPRESSION = /\{\{ env "([A-Z_0-9]+)"(?: \| default "([^"]*)")?( \| quote)? \}\}/g;

/** `{{- if env "NAME" }}` … `{{- end }}`: what stands there only where the variable is given. */
const OPTIONAL = /\n\{\{- if env "([A-Z_0-9]+)" \}\}(\n[^]*?)\n\{\{- end \}\}/g;

/** Those that it always reads. */
function templateVariables() {
  return [...serverYaml().replaceAll(OPTIONAL, '').matchAll(EXPRESSION)].map(
    ([, name = '', fallback]) => ({
      name,
      fallback,
    }),
  );
}

/** As Go renders it; the file keeps to what is easily read. */
function render(env: Record<string, string>): unknown {
  const chosen = serverYaml().replaceAll(OPTIONAL, (_, name: string, inside: string) =>
    env[name] ? inside : '',
  );
  const rendered = chosen.replaceAll(
    EXPRESSION,
    (_, name: string, fallback: string | undefined, quote: string | undefined) => {
      const value = env[name] ?? fallback ?? '';
      return quote ? JSON.stringify(value) : value;
    },
  );
  expect(rendered).not.toMatch(/\{ ?\{/);
  return parse(rendered);
}
