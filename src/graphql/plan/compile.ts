import type { EntityClass } from '@mikro-orm/core';
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js';
import { formatUnits } from '../../database/quantity.ts';
import { decimalsOf, unitsOf } from '../decimals.ts';
import { isEntityType } from '../entity-types.ts';
import { encodeGlobalId } from '../global-id.ts';
import { type AnyRow, markOf } from '../marks.ts';
import { type Compiling, compilePage } from './compile-page.ts';
import { FindEdge, ParentEdge, RelationEdge, ResolverEdge, selectionOf } from './edges.ts';
import { leafWriter } from './leaves.ts';
import {
  type AnyField,
  argumentsOf,
  type Fields,
  isBack,
  leafOf,
  type Mark,
  memberName,
  need,
  nothing,
  type Origin,
  type Place,
  type RowsOf,
  typename,
} from './places.ts';
import {
  type Member,
  type PlanRun,
  Selection,
  Unplanned,
  type Write,
  writeObject,
} from './plan.ts';

/**
 * Makes the plan of a query: which rows to read, with which of their properties, and what to write of
 * them. The plan reads what the field's own resolvers would read, list by list instead of row by row.
 * @returns null when something in the query is not marked, or depends on a directive.
 */
export function compileQuery(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Selection | null {
  const type = schema.getQueryType();
  if (operation.operation !== 'query' || !type || hasDirectives(document)) return null;
  const fragments: Record<string, FragmentDefinitionNode> = {};
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
  }
  const compiler = new Compiler(schema, fragments);
  try {
    const root = new Selection(false);
    const fields = collectFields(schema, fragments, {}, type, operation.selectionSet);
    root.members = compiler.members({ selection: root, type, origin: null, path: '' }, fields);
    return root;
  } catch (error) {
    if (error instanceof Unplanned) return null;
    throw error;
  }
}

function hasDirectives(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Directive: () => {
      found = true;
    },
  });
  return found;
}

/** How many relations are followed within one statement. */
const MOST_JOINS = 4;

class Compiler implements Compiling {
  readonly #schema: GraphQLSchema;
  readonly #fragments: Record<string, FragmentDefinitionNode>;

  constructor(schema: GraphQLSchema, fragments: Record<string, FragmentDefinitionNode>) {
    this.#schema = schema;
    this.#fragments = fragments;
  }

  /** What an operation asks of rows of a type. */
  members(of: RowsOf, fields: Fields): Member[] {
    return [...fields].map(([key, nodes], index) => {
      const [node] = nodes as [FieldNode];
      const field = of.type.getFields()[node.name.value] as AnyField | undefined;
      const write = field ? this.#member({ ...of, field, nodes }) : typename(of.type, node);
      return { name: memberName(key, index), write };
    });
  }

  #member(at: Place): Write {
    const mark = markOf(at.field as never);
    switch (mark?.kind) {
      case 'id': {
        const { name } = at.type;
        const id = need(at, 'id');
        return (row) => `"${encodeGlobalId(name, row[id] as number)}"`;
      }
      case 'column': {
        const leaf = leafOf(at.field);
        const property = need(at, mark.property);
        return (row) => leaf(row[property]);
      }
      case 'quantity':
        return this.#quantity(at, mark);
      case 'relation':
        return this.#relation(at, mark);
      case 'page':
        return compilePage(this, at, mark);
      case 'sum':
        return sum(at, mark);
      case 'texts':
        return texts(at);
      case 'find':
        return this.#find(at, mark);
      case 'lookup':
      case 'parts':
        return this.#rows(at);
      default:
        throw new Unplanned(`${at.type.name}.${at.field.name} is not marked`);
    }
  }

  #relation(at: Place, { property, target }: Mark<'relation'>): Write {
    const nullable = !isNonNullType(at.field.type);
    const type = this.objectType(at.field.type);
    const fields = this.collect(type, at.nodes);
    if (!isBack(at, property, target) && this.#isRelated(at, type, fields)) {
      const path = `${at.path}${property}.`;
      const id = need(at, `${property}.id`);
      const members = this.members({ ...at, type, origin: null, path }, fields);
      return (row, run) => (row[id] === null ? nothing(nullable) : writeObject(members, row, run));
    }
    const [edge, next] = relationTo(at, property, target);
    next.members = this.members({ selection: next, type, origin: null, path: '' }, fields);
    return (row, run) => {
      const found = edge.rowFrom(row, run);
      return found ? next.write(found, run) : nothing(nullable);
    };
  }

  /** Whether all that is asked behind a relation can be read along with the row. */
  #isRelated(at: RowsOf, type: GraphQLObjectType, fields: Fields, depth = 1): boolean {
    if (!at.selection.projected || depth > MOST_JOINS) return false;
    return [...fields].every(([, nodes]) => {
      const field = type.getFields()[nodes[0]?.name.value ?? ''];
      const mark = field && markOf(field);
      if (!field || mark?.kind === 'id' || mark?.kind === 'column') return true;
      if (mark?.kind !== 'relation') return false;
      const next = this.objectType(field.type as GraphQLOutputType);
      return this.#isRelated(at, next, this.collect(next, nodes), depth + 1);
    });
  }

  #quantity(at: Place, { of, less, item }: Mark<'quantity'>): Write {
    const leaf = leafOf(at.field);
    const [units, other] = [need(at, of), less && need(at, less)];
    const decimals = this.#decimals(at, item);
    return (row, run) => {
      const amount = unitsOf(row, units, other);
      return leaf(amount === null ? null : formatUnits(amount, decimals(row, run)));
    };
  }

  /** How many decimals the quantities of a row have. */
  #decimals(at: Place, item: string | undefined): (row: AnyRow, run: PlanRun) => number {
    const path = item ? `${item}.decimals` : 'decimals';
    const mark = item ? markOf(at.type.getFields()[item] as never) : null;
    if (item && mark?.kind !== 'relation') throw new Unplanned(`${item} is no relation`);
    if (
      mark?.kind === 'relation' &&
      (!at.selection.projected || isBack(at, mark.property, mark.target))
    ) {
      const [edge, next] = relationTo(at, mark.property, mark.target);
      next.needs.add('decimals');
      return (row, run) => decimalsOf(edge.rowFrom(row, run));
    }
    const decimals = need(at, path);
    return (row) => row[decimals] as number;
  }

  #find(at: Place, { target, by }: Mark<'find'>): Write {
    const args = argumentsOf(at);
    const edge = new FindEdge(target, (run) => by(args(run)));
    at.selection.edges.push(edge);
    const next = selectionOf(edge);
    const type = this.objectType(at.field.type);
    const of = { selection: next, type, origin: null, path: '' };
    next.members = this.members(of, this.collect(type, at.nodes));
    return (_row, run) => {
      const found = edge.rowIn(run);
      return found ? next.write(found, run) : 'null';
    };
  }

  /** Rows that the field's resolver finds from the id of a row, whole. */
  #rows(at: Place): Write {
    need(at, 'id');
    const edge = new ResolverEdge(at.field, argumentsOf(at));
    at.selection.edges.push(edge);
    const next = selectionOf(edge, false);
    const type = this.objectType(at.field.type);
    const of = { selection: next, type, origin: null, path: '' };
    next.members = this.members(of, this.collect(type, at.nodes));
    const nullable = !isNonNullType(at.field.type);
    if (!isListType(isNonNullType(at.field.type) ? at.field.type.ofType : at.field.type)) {
      return (row, run) => {
        const found = edge.valueOf(row, run);
        return found ? next.write(found as AnyRow, run) : nothing(nullable);
      };
    }
    return (row, run) => {
      const found = edge.valueOf(row, run) as readonly AnyRow[];
      return `[${found.map((each) => next.write(each, run)).join(',')}]`;
    };
  }

  collect(type: GraphQLObjectType, nodes: readonly FieldNode[]): Fields {
    return collectSubfields(this.#schema, this.#fragments, {}, type, nodes as FieldNode[]);
  }

  /** The type of an entity's rows; nothing else can be planned. */
  objectType(type: GraphQLOutputType): GraphQLObjectType {
    const named = getNamedType(type);
    if (isObjectType(named) && isEntityType(named.name)) return named;
    throw new Unplanned(`${named.name} is not the type of an entity`);
  }
}

/** The rows at the other end of a relation, read once however often a selection goes along it. */
function relationTo(
  at: RowsOf,
  property: string,
  target: EntityClass<object>,
): [RelationEdge, Selection] {
  const { selection, origin } = at;
  const back = isBack(at, property, target);
  // Rows that were found for others say for which.
  if (!back) need(at, property);
  let edge = selection.edges.find(
    (known): known is RelationEdge => known instanceof RelationEdge && known.property === property,
  );
  if (!edge) {
    edge = back
      ? new ParentEdge(property, target, (origin as Origin).selection)
      : new RelationEdge(property, target);
    selection.edges.push(edge);
  }
  return [edge, edge instanceof ParentEdge ? edge.share() : selectionOf(edge)];
}

function sum(at: Place, { needs }: Mark<'sum'>): Write {
  const leaf = leafOf(at.field);
  for (const property of ['id', ...needs]) need(at, property);
  const edge = new ResolverEdge(at.field, argumentsOf(at));
  at.selection.edges.push(edge);
  return (row, run) => leaf(edge.valueOf(row, run));
}

function texts(at: Place): Write {
  const leaf = leafWriter(getNamedType(at.field.type) as GraphQLLeafType, false);
  need(at, 'id');
  const edge = new ResolverEdge(at.field, argumentsOf(at));
  at.selection.edges.push(edge);
  return (row, run) => {
    const found = edge.valueOf(row, run) as readonly string[];
    return `[${found.map(leaf).join(',')}]`;
  };
}
