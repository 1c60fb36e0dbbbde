/** Work that is done again and again. */
export interface Repeating {
  /** Does it no more, once what is under way has ended. */
  stop(): Promise<void>;
}

/**
 * Does something again and again until it is stopped.
 * @param everyMs is how long, in milliseconds, it rests in between.
 * @param failed is told of an error; what could not be done is tried the next time.
 */
export function repeat(
  work: () => Promise<unknown>,
  everyMs: number,
  failed: (error: Error) => void,
): Repeating {
  let turn = Promise.resolve();
  let timer = setTimeout(tick, everyMs);
  let stopped = false;
  function tick(): void {
    turn = work()
      .then(() => undefined, failed)
      .then(() => {
        if (!stopped) timer = setTimeout(tick, everyMs);
      });
  }
  return {
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      return turn;
    },
  };
}
