import { isLive, type Io, type Output } from '../io';
import type { Look } from '../vends/look';
import { liveProgress } from './progress-live';
import { plainProgress } from './progress-plain';

export interface Progress {
  show: (looks: readonly Look[]) => void;
  /** Leaves the last picture. May be called again. */
  end: () => void;
}

/** Redrawn in place where a person looks, plain lines elsewhere. */
export async function showProgress(io: Io, stream: Output): Promise<Progress> {
  return isLive(io, stream) ? liveProgress(io, stream) : plainProgress(io, stream);
}
