#!/usr/bin/env node
import { COMPLETE } from './cli/completing/completion-scripts';
import { processIo } from './cli/io';
import { run } from './cli/main';

const argv = process.argv.slice(2);
void run(argv, processIo()).then((status) => {
  process.exitCode = status;
  // A person waits for the key they pressed, whatever Temporal's address leads to.
  if (argv[0] === COMPLETE) process.exit();
  // What a command has left behind, such as a credential process that hangs, does not hold up its end.
  setTimeout(() => {
    if (process.stdout.writableLength === 0) process.exit();
  }, 2_000).unref();
});
