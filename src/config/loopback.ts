const LOOPBACK = /^https?:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?(?:\/|$)/;

/** Whether a URL leads to this machine: then it is a simulator's, and no AWS is there. */
export function isLoopbackUrl(url: string): boolean {
  return LOOPBACK.test(url);
}
