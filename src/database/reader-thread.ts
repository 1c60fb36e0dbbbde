import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import SqliteDatabase from 'better-sqlite3';
import type { Cancellation } from './cancellation.ts';

/** What a thread is to do: read, or turn to a file as it is from the first statement on; to none at the end. */
export type ReaderTask =
  | { readonly text: string; readonly bindings: object }
  | { readonly file: string | null };

/** What a thread says after each task. */
export type ReaderAnswer =
  | { readonly rows: Record<string, unknown>[] }
  | { readonly refusal: { readonly message: string; readonly code: string } };

type Rows = Record<string, unknown>[];

/** Reads from a file of SQLite. */
export interface Reader {
  read(text: string, bindings: object): Promise<Rows>;
}

/** More threads than this do not read at once; who comes then waits. */
const MOST_THREADS = 4;

/** How many threads are kept when they have nothing to do. */
const MOST_IDLE = 2;

const idle: ReaderThread[] = [];
const waiting: (() => void)[] = [];
let lent = 0;

/**
 * Has a thread of its own read a file of SQLite as it is at one moment, since the driver is synchronous
 * and what takes long would keep everybody waiting.
 * @throws the reason of the cancellation, in the middle of a statement too.
 */
export async function withReaderThread<T>(
  file: string,
  cancellation: Cancellation | undefined,
  work: (reader: Reader) => Promise<T>,
): Promise<T> {
  if (lent === MOST_THREADS) await new Promise<void>((resolve) => waiting.push(resolve));
  else lent += 1;
  try {
    cancellation?.throwIfCancelled();
    return await lend(idle.pop() ?? new ReaderThread(), file, cancellation, work);
  } finally {
    const next = waiting.shift();
    if (next) next();
    else lent -= 1;
  }
}

async function lend<T>(
  thread: ReaderThread,
  file: string,
  cancellation: Cancellation | undefined,
  work: (reader: Reader) => Promise<T>,
): Promise<T> {
  const forget = cancellation?.onCancel(() => thread.end(cancellation.reason as Error));
  try {
    await thread.open(file);
    return await work(thread);
  } finally {
    forget?.();
    await thread.close();
    if (thread.isAlive && idle.length < MOST_IDLE) idle.push(thread);
    else thread.end(new Error('The thread is not needed any more'));
  }
}

/** Beside this file, in the sources and in a build alike. */
const WORKER = new URL(`./reader.worker${extname(import.meta.url)}`, import.meta.url);

/** A thread that does one task after the other. It holds no file between two that it is lent to. */
class ReaderThread implements Reader {
  readonly #worker = new Worker(WORKER);
  readonly #tasks: PromiseWithResolvers<Rows>[] = [];
  #ended: Error | undefined;

  constructor() {
    this.#worker.on('message', (answer: ReaderAnswer) => this.#settle(answer));
    this.#worker.on('error', (error) => this.end(error as Error));
    this.#worker.on('exit', (code) => this.end(new Error(`A reading thread ended with ${code}`)));
  }

  get isAlive(): boolean {
    return this.#ended === undefined;
  }

  async open(file: string): Promise<void> {
    this.#worker.ref();
    await this.#ask({ file });
  }

  read(text: string, bindings: object): Promise<Rows> {
    return this.#ask({ text, bindings });
  }

  /** Lets go of the file, and of the process: an idle thread does not keep it from ending. */
  async close(): Promise<void> {
    if (this.isAlive) await this.#ask({ file: null });
    this.#worker.unref();
  }

  /** Ends the thread, whatever it does; all that it was asked fails for that reason. */
  end(reason: Error): void {
    if (!this.isAlive) return;
    this.#ended = reason;
    for (const { reject } of this.#tasks.splice(0)) reject(reason);
    void this.#worker.terminate();
  }

  #settle(answer: ReaderAnswer): void {
    const task = this.#tasks.shift();
    if ('rows' in answer) {
      task?.resolve(answer.rows);
      return;
    }
    const { message, code } = answer.refusal;
    task?.reject(new SqliteDatabase.SqliteError(message, code));
  }

  #ask(task: ReaderTask): Promise<Rows> {
    if (this.#ended) return Promise.reject(this.#ended);
    const answer = Promise.withResolvers<Rows>();
    this.#tasks.push(answer);
    this.#worker.postMessage(task);
    return answer.promise;
  }
}
