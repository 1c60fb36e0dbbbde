import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  type ParseOptions,
  parse,
  type Source,
  validate,
} from 'graphql';
import { figure, LIMITS, tooComplex } from './limits.ts';
import { shapeErrors } from './shape.ts';

/** How many documents are kept, the least recently used one going first. */
const MOST_DOCUMENTS = 500;

/** The longest text that is kept, in characters: whoever sends more has it read again every time. */
const LONGEST_TEXT = 20_000;

/**
 * Parses the text of a document.
 * @throws GraphQLError for what is no document, and for one that is too long.
 */
export function parseDocument(text: string | Source, options?: ParseOptions): DocumentNode {
  const { length } = typeof text === 'string' ? text : text.body;
  if (length > LIMITS.characters) {
    const limit = `${figure(LIMITS.characters)} characters, which is the limit`;
    throw tooComplex(`The document has more than ${limit}. Send what is long as variables.`);
  }
  try {
    return parse(text, { ...options, maxTokens: LIMITS.tokens });
  } catch (error) {
    if (!(error instanceof GraphQLError) || !error.message.includes('Parsing aborted')) throw error;
    const message =
      `The document has more than ${figure(LIMITS.tokens)} tokens (names, signs and values), which ` +
      'is the limit. Send what changes as variables, or ask for less at once.';
    throw tooComplex(message, { syntax: error });
  }
}

/** What GraphQL says when it has compared more fields of a document than it is willing to. */
const GIVEN_UP = 'Validation aborted.';

const OVERLAPPING =
  'Too many fields of the document stand beside others of the same name to compare them all. Name ' +
  'each field once.';

/** What is wrong with a document, or beyond what one request may ask for. */
export function documentErrors(
  schema: GraphQLSchema,
  document: DocumentNode,
): readonly GraphQLError[] {
  const options = { maxErrors: LIMITS.errors };
  const errors = validate(schema, document, undefined, options).slice(0, LIMITS.errors);
  if (errors.some(({ message }) => message === GIVEN_UP)) return [tooComplex(OVERLAPPING)];
  return errors.length > 0 ? errors : shapeErrors(document);
}

/** Documents by their texts, parsed, valid and within the limits: clients send the same few again and again. */
export class Documents {
  readonly #schema: GraphQLSchema;
  readonly #byText = new Map<string, DocumentNode>();

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  /** The document of a text; null when there is something wrong with it. */
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
      const document = parseDocument(text);
      return documentErrors(this.#schema, document).length === 0 ? document : null;
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
