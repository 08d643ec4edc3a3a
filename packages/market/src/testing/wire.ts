import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A frame received, and when, in milliseconds. */
export interface WireFrame {
  readonly rts: number;
  readonly text: string;
}

const wire = fileURLToPath(new URL('../../../../../shared/data/wire/', import.meta.url));

/**
 * Frames of a real connection, where recordings lie beside the repository: lines `<seconds>: <frame>`. Else the
 * substitute, with a notice.
 */
export const wireFrames = (name: string, substitute: readonly string[]): readonly WireFrame[] => {
  if (!existsSync(wire + name)) {
    process.stderr.write(`notice: no ${name}, testing with frames written by hand\n`);
    return substitute.map((text, i) => ({ rts: 1_618_677_817_000 + i, text }));
  }
  return readFileSync(wire + name, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const match = /^(\d+\.\d+): (.*)$/.exec(line);
      return match ? [{ rts: Math.floor(Number(match[1]) * 1000), text: match[2] as string }] : [];
    });
};
