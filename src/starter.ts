#!/usr/bin/env node
import { processIo } from './cli/io';
import { run } from './cli/main';

void run(process.argv.slice(2), processIo()).then((status) => {
  process.exitCode = status;
  // What a command has left behind, such as a credential process that hangs, does not hold up its end.
  setTimeout(() => {
    if (process.stdout.writableLength === 0) process.exit();
  }, 2_000).unref();
});
