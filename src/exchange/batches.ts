/**
 * How many lines one transaction takes, but for its last movement. Of many lines several are of the
 * same level, which is then read and written once, and so are the pages of the indexes. Meanwhile
 * other writers wait, for up to a second.
 */
const BATCH_LINES = 10_000;

/** How many movements one transaction takes at most: each of them costs as much as some lines. */
const BATCH_MOVEMENTS = 2000;

/**
 * Movements, as many at a time as one transaction takes.
 * @param standsAlone whether one cannot be in the same transaction as those before it.
 */
export async function* inBatches<T extends { readonly lines: readonly unknown[] }>(
  movements: AsyncIterable<T>,
  standsAlone: (movement: T, batch: readonly T[]) => boolean = () => false,
): AsyncGenerator<T[]> {
  let batch: T[] = [];
  let lines = 0;
  for await (const movement of movements) {
    const isFull = lines >= BATCH_LINES || batch.length >= BATCH_MOVEMENTS;
    if (batch.length > 0 && (isFull || standsAlone(movement, batch))) {
      yield batch;
      batch = [];
      lines = 0;
    }
    batch.push(movement);
    lines += movement.lines.length;
  }
  if (batch.length > 0) yield batch;
}

/** Reads one value ahead, so that the next batch is parsed while PostgreSQL is at work on this one. */
export async function* readAhead<T>(values: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = values.next();
  try {
    for (;;) {
      const { value, done } = await next;
      if (done) return;
      next = values.next();
      // Thrown when it is awaited above; until then it is no unhandled rejection.
      next.catch(() => undefined);
      yield value;
    }
  } finally {
    await values.return(undefined);
  }
}
