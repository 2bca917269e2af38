import { stripVTControlCharacters } from 'node:util';
import { colors, type Io, type Output } from '../io';
import type { Look } from '../vends/look';
import { picture } from './picture';
import type { Progress } from './progress';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 125;
/** Where the picture has many lines, every change is sent over somebody's network. */
const TABLE_MS = 1_000;
const FEW = 4;

/** One picture, redrawn in place. */
export async function liveProgress(io: Io, stream: Output): Promise<Progress> {
  const { createLogUpdate } = await import('log-update');
  const update = createLogUpdate(stream, { showCursor: true });
  const paint = colors(io, stream);
  let looks: readonly Look[] = [];
  let frame = 0;
  let drawn: readonly string[] = [];
  const size = () => ({ columns: stream.columns || 80, rows: stream.rows || 24 });
  const draw = (spinner: string) => {
    if (looks.length === 0) return;
    const { columns, rows } = size();
    // The cursor stands on a line of its own below.
    drawn = picture(io, looks, { columns, rows: rows - 1, spinner, paint });
    update(drawn.join('\n'));
  };
  const next = () => draw(FRAMES[(frame += 1) % FRAMES.length] ?? '');
  const timer = setInterval(() => {
    if (looks.length <= FEW || frame % (TABLE_MS / FRAME_MS) === 0) next();
    else frame += 1;
  }, FRAME_MS);
  // Lines that are longer than the terminal is now wide were broken by it, so that the picture has
  // more of them than were drawn.
  const onResize = () => {
    const { columns } = size();
    const high = drawn.reduce((sum, line) => sum + linesOf(line, columns), 0);
    update.done();
    stream.write(high > 0 ? `\u001b[${high}A\u001b[G\u001b[J` : '');
    next();
  };
  stream.on('resize', onResize);
  let ended = false;
  return {
    show: (now) => {
      looks = now;
      if (looks.length <= FEW || drawn.length === 0) next();
    },
    end: () => {
      if (ended) return;
      ended = true;
      clearInterval(timer);
      stream.off('resize', onResize);
      draw('·');
      update.done();
    },
  };
}

function linesOf(line: string, columns: number): number {
  return Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns));
}
