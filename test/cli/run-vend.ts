import { PassThrough, Readable } from 'node:stream';
import { devNull } from 'node:os';
import { run } from '../../src/cli/main';

export interface Ended {
  status: number;
  stdout: string;
  stderr: string;
}

/** A port of this machine on which nobody listens. */
const NOWHERE = '127.0.0.1:1';

/** Runs `vend` in this process, as a script would: no terminal. */
export async function vend(
  argv: readonly string[],
  more: { env?: NodeJS.ProcessEnv; stdin?: string; heard?: (text: string) => void } = {},
): Promise<Ended> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const texts = [collect(stdout, more.heard), collect(stderr)] as const;
  const status = await run(argv, {
    stdout,
    stderr,
    stdin: Readable.from([more.stdin ?? '']),
    env: {
      TEMPORAL_ADDRESS: NOWHERE,
      TEMPORAL_CONFIG_FILE: devNull,
      VEND_CONFIG: devNull,
      ...more.env,
    },
    command: 'vend',
  });
  stdout.end();
  stderr.end();
  return { status, stdout: await texts[0], stderr: await texts[1] };
}

/** @param heard is told all that was said so far, whenever there is more of it */
async function collect(stream: PassThrough, heard?: (text: string) => void): Promise<string> {
  let text = '';
  for await (const chunk of stream) {
    text += String(chunk);
    heard?.(text);
  }
  return text;
}
