/** Temporal's Web UI. In its image it listens to everybody; here nobody stands before it, so on loopback. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export async function startWebUi({ programs, processes, folder, address, ports, namespace, tls }) {
  const url = `http://127.0.0.1:${ports.ui}`;
  const configuration = {
    host: '127.0.0.1',
    port: ports.ui,
    enableUi: true,
    temporalGrpcAddress: address,
    defaultNamespace: namespace,
    ...(tls && {
      tls: {
        caFile: tls.client.ca,
        certFile: tls.client.cert,
        keyFile: tls.client.key,
        serverName: 'temporal',
        enableHostVerification: true,
      },
    }),
    cors: { cookieInsecure: true, allowOrigins: [url, `http://localhost:${ports.ui}`] },
  };
  // JSON is YAML.
  writeFileSync(join(folder, 'temporal-ui.yaml'), JSON.stringify(configuration));
  await processes.start({
    name: 'temporal-ui',
    command: programs.ui,
    args: ['--root', folder, '--config', '.', '--env', 'temporal-ui', 'start'],
    isReady: async () => {
      const { ok, status } = await fetch(`${url}/healthz`);
      if (!ok) throw new Error(`it answers ${status}`);
    },
  });
  return url;
}
