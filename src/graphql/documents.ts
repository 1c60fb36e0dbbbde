import { type DocumentNode, type GraphQLSchema, parse, validate } from 'graphql';

/** How many documents are kept, the least recently used one going first. */
const MOST_DOCUMENTS = 500;

/** The longest text that is kept, in characters: whoever sends more has it read again every time. */
const LONGEST_TEXT = 20_000;

/** Documents by their texts, parsed and found valid: clients send the same few again and again. */
export class Documents {
  readonly #schema: GraphQLSchema;
  readonly #byText = new Map<string, DocumentNode>();

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  /** The document of a text; null when it is not a valid one. */
  read(text: string): DocumentNode | null {
    const known = this.#byText.get(text);
    if (known) {
      this.#byText.delete(text);
      this.#byText.set(text, known);
      return known;
    }
    const document = this.#parse(text);
    if (document && text.length <= LONGEST_TEXT) this.#keep(text, document);
    return document;
  }

  #parse(text: string): DocumentNode | null {
    try {
      const document = parse(text);
      return validate(this.#schema, document, undefined, { maxErrors: 1 }).length === 0
        ? document
        : null;
    } catch {
      // Whoever answers such a text says what is wrong with it.
      return null;
    }
  }

  #keep(text: string, document: DocumentNode): void {
    this.#byText.set(text, document);
    if (this.#byText.size <= MOST_DOCUMENTS) return;
    for (const oldest of this.#byText.keys()) {
      this.#byText.delete(oldest);
      return;
    }
  }
}
