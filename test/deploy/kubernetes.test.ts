import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';

interface Container {
  image: string;
  args: string[];
  env: { name: string; value: string }[];
  ports: { name: string; containerPort: number }[];
  readinessProbe: { httpGet: { path: string; port: string } };
  livenessProbe: { httpGet: { path: string; port: string } };
  volumeMounts: { name: string; mountPath: string }[];
  securityContext: Record<string, unknown>;
}

interface Deployment {
  kind: string;
  spec: {
    strategy: { type: string };
    template: {
      spec: {
        serviceAccountName: string;
        terminationGracePeriodSeconds: number;
        securityContext: Record<string, unknown>;
        containers: [Container];
        volumes: { name: string; configMap?: { name: string } }[];
      };
    };
  };
}

const root = resolve(__dirname, '../..');
const read = (name: string) => readFileSync(join(root, name), 'utf8');
const text = read('deploy/kubernetes.yaml');
const objects = parseAllDocuments(text).map((document) => document.toJS() as { kind: string });
const deployment = objects.find(({ kind }) => kind === 'Deployment') as Deployment;
const pod = deployment.spec.template.spec;
const [worker] = pod.containers;
const set = Object.fromEntries(worker.env.map(({ name, value }) => [name, value]));

describe('deploy/kubernetes.yaml', () => {
  test('runs what the image runs, as the user that it has, of this version', () => {
    const dockerfile = read('Dockerfile');
    expect(dockerfile).toContain(`CMD ${JSON.stringify(worker.args).replace(',', ', ')}`);
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
    expect(dockerfile).toMatch(/^USER 1000:1000$/m);
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(worker.image).toMatch(new RegExp(`:${version}$`));
  });

  test('sets only variables that docs/reference.md names', () => {
    const documented = read('docs/reference.md').split('## Environment')[1] ?? '';
    for (const name of Object.keys(set)) {
      const family = name.startsWith('AWS_') ? 'AWS_…' : name;
      expect(documented).toContain(family);
    }
  });

  test('asks where the worker answers, from outside of the container', () => {
    const [, port] = /^0\.0\.0\.0:(\d+)$/.exec(set['VEND_HEALTH_ADDRESS'] ?? '') ?? [];
    const named = Object.fromEntries(worker.ports.map((one) => [one.name, one.containerPort]));
    expect(named['health']).toBe(Number(port));
    expect(set['VEND_METRICS_ADDRESS']).toBe(`0.0.0.0:${named['metrics']}`);
    expect(worker.readinessProbe.httpGet).toEqual({ path: '/healthz', port: 'health' });
    expect(worker.livenessProbe.httpGet).toEqual({ path: '/livez', port: 'health' });
  });

  test('mounts the configuration where the worker looks for it', () => {
    const mount = worker.volumeMounts.find(({ name }) => name === 'configuration');
    expect(set['VEND_CONFIG']).toBe(`${mount?.mountPath}/vending.yaml`);
    expect(pod.volumes.map(({ name }) => name).toSorted()).toEqual(
      worker.volumeMounts.map(({ name }) => name).toSorted(),
    );
    expect(text).toContain('--from-file=vending.yaml=');
  });

  test('lets a worker end what it has begun, and no old one run beside a new one', () => {
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(30);
    expect(deployment.spec.strategy.type).toBe('Recreate');
    expect(worker.securityContext).toMatchObject({
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
    });
  });

  test('has no secret in it', () => {
    expect(Object.keys(set).filter((name) => /KEY|SECRET|TOKEN|PASSWORD/.test(name))).toEqual([]);
  });
});
