const { sep } = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');

/** The longest of all, in a small file. */
const FIRST = new Set(['chaos']);
/** Rooms whose tests need neither Temporal nor a process of their own: they compute, and wait for nothing. */
const LAST = new Set(['aws', 'config', 'domain', 'encryption', 'runtime', 'simulator']);

/**
 * Jest begins with what took longest the last time. What it has not seen yet (all, in a clean clone) it puts
 * in the order of size, which says little here: the longest began when all others had ended. The rooms say
 * more: nobody has to keep a list of times.
 */
module.exports = class SlowFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const isNew = (test) => this.time(test) === undefined;
    const first = sorted.filter((test) => isNew(test) && FIRST.has(room(test)));
    const last = sorted.filter((test) => isNew(test) && LAST.has(room(test)));
    const moved = new Set([...first, ...last]);
    return [...first, ...sorted.filter((test) => !moved.has(test)), ...last];
  }
};

/** The folder below test/. */
function room({ path, context }) {
  return path.slice(context.config.rootDir.length + 1).split(sep)[1];
}
