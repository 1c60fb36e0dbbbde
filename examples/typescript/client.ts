import type { TypedDocumentString } from './operations.ts';

/** How often a request is sent when no answer comes. */
const TRIES = 3;

/** The server answered with errors: the request was wrong, or something broke. Refusals are data. */
export class RequestFailed extends Error {
  /** The code of each error, such as `BAD_REQUEST` or `UNAUTHENTICATED`. */
  readonly codes: readonly string[];

  constructor(errors: readonly AnswerError[]) {
    super(errors.map(({ message }) => message).join('\n'));
    this.codes = errors.map(({ extensions }) => extensions.code);
  }
}

interface AnswerError {
  readonly message: string;
  readonly extensions: { readonly code: string };
}

interface Answer<R> {
  readonly data?: R | null;
  readonly errors?: readonly AnswerError[];
}

/** Sends operations to a server, typed by their documents. */
export class Quartermaster {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  /**
   * Sends an operation, and again where no answer comes: whatever moves stock carries an idempotency
   * key, so that nothing is done twice.
   * @throws RequestFailed when the server answers with errors.
   */
  async ask<R, V>(document: TypedDocumentString<R, V>, variables: V): Promise<R> {
    const body = JSON.stringify({ query: document, variables });
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#send<R>(body);
      } catch (error) {
        if (error instanceof RequestFailed || tries === TRIES) throw error;
      }
    }
  }

  async #send<R>(body: string): Promise<R> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#key}`, 'content-type': 'application/json' },
      body,
    });
    const { data, errors } = (await response.json()) as Answer<R>;
    if (errors) throw new RequestFailed(errors);
    if (!data) throw new Error(`The server answered ${response.status} without data.`);
    return data;
  }
}
