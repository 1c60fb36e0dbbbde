import { type ASTNode, GraphQLError } from 'graphql';

/** What one request may ask for. Whatever asks for more is refused before anything of it runs. */
export const LIMITS = {
  /** Rows that it may answer, as far as it says so itself: `cost.ts` counts them. */
  cost: 5000,
  /** Fields within fields. Introspection does not count: GraphQL bounds it by a rule of its own. */
  depth: 12,
  /** Fields with another name than their own: each may repeat a field under the same parent. */
  aliases: 30,
  /** Fields of the query or the mutation itself. */
  rootFields: 20,
  /** Directives, wherever they stand. */
  directives: 20,
  /** Names, signs and values in the text of the document. Comments do not count. */
  tokens: 1000,
  /** Characters in the text of the document. */
  characters: 50_000,
  /** Lists and objects within each other, in a value of the document and in the variables. */
  values: 50,
  /** Errors that are told of a document that is not valid: the first ones. */
  errors: 5,
} as const;

/** Where a document goes beyond a limit. */
interface Where {
  readonly nodes?: readonly ASTNode[];
  /** What the parser says of a place that is no node yet. */
  readonly syntax?: GraphQLError;
}

/** A request that asks for more than one request may. */
export function tooComplex(message: string, { nodes, syntax }: Where = {}): GraphQLError {
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: syntax?.source ?? null,
    positions: syntax?.positions ?? null,
    extensions: { code: 'QUERY_TOO_COMPLEX' },
  });
}

/** A number as people read it. */
export const figure = (value: number): string => value.toLocaleString('en-US');
