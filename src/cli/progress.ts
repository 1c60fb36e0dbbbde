import { Presets, SingleBar } from 'cli-progress';

/** How often, in milliseconds, a plain line is printed where there is no terminal. */
const PLAIN_EVERY_MS = 3000;

/** Shows how far long work has come: a bar on a terminal, a plain line now and then elsewhere. */
export interface Progress {
  update(done: number): void;
  stop(): void;
}

/** Starts to show work of a known size. Goes to standard error, which leaves the output to results. */
export function startProgress(title: string, total: number, unit: string): Progress {
  const started = performance.now();
  const bar = new SingleBar(
    {
      format: `${title} [{bar}] {percentage}% | {value}/{total} ${unit} | {rate} ${unit}/s | {eta_formatted} left`,
      stream: process.stderr,
      noTTYOutput: true,
      notTTYSchedule: PLAIN_EVERY_MS,
      hideCursor: true,
      etaBuffer: 200,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0, { rate: 0 });
  return {
    update: (done) => {
      const seconds = (performance.now() - started) / 1000;
      bar.update(done, { rate: Math.round(done / seconds) });
    },
    stop: () => bar.stop(),
  };
}
