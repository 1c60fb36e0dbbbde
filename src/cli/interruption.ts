const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Has something cleared away when a signal ends the process, which then ends as it would have.
 * @returns what undoes it, once there is nothing to clear away.
 */
export function whenInterrupted(clearAway: () => void): () => void {
  const end = (signal: NodeJS.Signals) => {
    forget();
    clearAway();
    process.kill(process.pid, signal);
  };
  const forget = () => {
    for (const signal of SIGNALS) process.off(signal, end);
  };
  for (const signal of SIGNALS) process.on(signal, end);
  return forget;
}
