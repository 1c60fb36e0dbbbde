const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Tells of the first signal that asks the process to end; the next one, of either kind, ends it at once.
 * @returns what undoes it, if none came.
 */
export function onSignal(told: (signal: NodeJS.Signals) => void): () => void {
  const forget = () => {
    for (const each of SIGNALS) process.off(each, signalled);
  };
  const signalled = (signal: NodeJS.Signals) => {
    forget();
    told(signal);
  };
  for (const signal of SIGNALS) process.on(signal, signalled);
  return forget;
}

/**
 * Has something cleared away when a signal ends the process, which then ends as it would have.
 * @returns what undoes it, once there is nothing to clear away.
 */
export const whenInterrupted = (clearAway: () => void): (() => void) =>
  onSignal((signal) => {
    clearAway();
    process.kill(process.pid, signal);
  });
