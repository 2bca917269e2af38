/**
 * Stands before one simulator, for every contestant alike: hands calls on, unchanged, and writes down
 * who was asked about what and when. What the simulator does not serve, the stand-in answers.
 */
import { createServer, request as send } from 'node:http';
import { createStandIn } from './stand-in.mjs';

const KEEP_ALIVE_MS = 10 * 60_000;

export async function startFront(simulator) {
  const standIn = createStandIn();
  const calls = [];
  const server = createServer((incoming, response) => {
    const chunks = [];
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      const call = read(incoming, body);
      calls.push(call);
      response.once(
        'close',
        () => (call.status = response.writableFinished ? response.statusCode : 0),
      );
      const answer = standIn(call, incoming);
      if (answer) {
        response.writeHead(answer.status, answer.headers);
        response.end(answer.body);
        return;
      }
      handOn(simulator, incoming, body, response);
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.headersTimeout = KEEP_ALIVE_MS;
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    // No name of a host: S3 clients would put their bucket's name before it.
    url: `http://127.0.0.1:${server.address().port}`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}

function read({ headers, method, url }, body) {
  const [, , , service = ''] =
    /Credential=([^,]+)/.exec(headers.authorization ?? '')?.[1]?.split('/') ?? [];
  const text = body.toString('utf8');
  const target = headers['x-amz-target']?.split('.').at(-1);
  const action = new URLSearchParams(text).get('Action');
  const operation = target ?? action ?? `${method} ${url.split('?')[0]}`;
  return { atMs: Date.now(), service, operation, text, status: undefined };
}

/** An answer that is lost behind us is lost before us: the connection is reset there too. */
function handOn(simulator, incoming, body, response) {
  const lost = () => response.socket?.resetAndDestroy();
  const onward = send(
    simulator.url + incoming.url,
    { method: incoming.method, headers: incoming.headers, agent: false },
    (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.once('error', lost);
      answer.pipe(response);
    },
  );
  onward.once('error', lost);
  // A client that is killed does not keep the simulator waiting; what it asked for has happened.
  response.once('close', () => onward.destroy());
  onward.end(body);
}
