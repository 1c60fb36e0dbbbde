import { type GraphQLObjectType, type GraphQLSchema, getNamedType } from 'graphql';
import { argumentsOf, FACTS, SENT } from './graph-facts.ts';
import type { Graph } from './graph-fixture.ts';
import { fieldsOf, isLeaf, queryOf } from './schema-shape.ts';
import { Walk } from './schema-walk.ts';
import type { Subject } from './statement-proof.ts';

/** How many edges an operation follows behind its root field. */
const DEPTH = 3;

/** Every field of the queries that leads to rows. */
export function queriesOf(walk: Walk, of: GraphQLSchema): Subject[] {
  const query = queryOf(of);
  return fieldsOf(query)
    .filter((field) => !isLeaf(field))
    .map((field) => ({ name: field.name, root: walk.from(query, field, DEPTH) }));
}

/** Every mutation with what it is sent. */
export function mutationsOf(of: GraphQLSchema, graph: Graph): Subject[] {
  const type = of.getMutationType() as GraphQLObjectType;
  const walk = new Walk(of, argumentsOf(graph));
  return fieldsOf(type).flatMap((field) => {
    const sent = SENT.filter(({ mutation }) => mutation === field.name);
    if (sent.length === 0)
      throw new Error(`${field.name} is sent nothing: give it a line in ${FACTS}`);
    return sent.map(({ mutation, input, answers = successOf(mutation) }) => ({
      name: `${mutation} (${answers})`,
      root: walk.from(type, field, DEPTH),
      mutation: {
        inputType: getNamedType(field.args[0]?.type)?.name as string,
        input: (rows: number) => input(graph, rows),
        answers,
      },
    }));
  });
}

const successOf = (mutation: string) => `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Success`;
