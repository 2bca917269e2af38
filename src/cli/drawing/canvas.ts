import type { Colors } from '../io';

/** What a picture is drawn on, at one moment. */
export interface Canvas {
  columns: number;
  /** Lines that the picture may have. */
  rows: number;
  /** Turns while something is under way. */
  spinner: string;
  paint: Colors;
}
