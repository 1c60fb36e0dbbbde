import { Presets, SingleBar } from 'cli-progress';

/** How often, in milliseconds, a plain line is printed where there is no terminal. */
const PLAIN_EVERY_MS = 5000;

/** One piece of work of a known size. */
export interface Bar {
  add(count: number, detail?: string): void;
  stop(): void;
}

/** Shows what is going on, on standard error, which leaves the output to results. */
export class Progress {
  say(text: string): void {
    console.error(text);
  }

  start(title: string, total: number, unit: string): Bar {
    const bar = new SingleBar(
      {
        format: `${title} [{bar}] {percentage}% | {value}/{total} ${unit} | {eta_formatted} left {detail}`,
        stream: process.stderr,
        noTTYOutput: true,
        notTTYSchedule: PLAIN_EVERY_MS,
        hideCursor: true,
        etaBuffer: 100,
      },
      Presets.shades_classic,
    );
    bar.start(total, 0, { detail: '' });
    return {
      add: (count, detail = '') => bar.increment(count, { detail }),
      stop: () => bar.stop(),
    };
  }
}
