#!/usr/bin/env node
import { processIo } from './cli/io';
import { run } from './cli/main';

void run(process.argv.slice(2), processIo()).then((status) => {
  process.exitCode = status;
});
