import type { EntityClass } from '@mikro-orm/core';
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql';
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js';
import type { Context } from '../../context.ts';
import { formatUnits } from '../../database/quantity.ts';
import { decimalsOf, unitsOf } from '../decimals.ts';
import { isEntityType } from '../entity-types.ts';
import { encodeGlobalId } from '../global-id.ts';
import { type AnyRow, type FieldMark, markOf } from '../marks.ts';
import {
  type Arguments,
  FindEdge,
  type LoadedPage,
  PageEdge,
  ParentEdge,
  RelationEdge,
  ResolverEdge,
  selectionOf,
} from './edges.ts';
import { leafWriter } from './leaves.ts';
import {
  type Member,
  type PlanRun,
  Selection,
  Unplanned,
  type Write,
  writeObject,
} from './plan.ts';

type AnyField = GraphQLField<unknown, Context>;
type Mark<K extends FieldMark['kind']> = Extract<FieldMark, { kind: K }>;

/** Where rows were found: for which rows, and by which of their own relations. */
interface Origin {
  readonly selection: Selection;
  readonly by: string;
  readonly entity: string;
}

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

type Fields = ReadonlyMap<string, readonly FieldNode[]>;

class Compiler {
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
      return { name: `${index > 0 ? ',' : ''}${JSON.stringify(key)}:`, write };
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
        return this.#page(at, mark);
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
    const type = this.#objectType(at.field.type);
    const fields = this.#collect(type, at.nodes);
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
      const next = this.#objectType(field.type as GraphQLOutputType);
      return this.#isRelated(at, next, this.#collect(next, nodes), depth + 1);
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
    const type = this.#objectType(at.field.type);
    const of = { selection: next, type, origin: null, path: '' };
    next.members = this.members(of, this.#collect(type, at.nodes));
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
    const type = this.#objectType(at.field.type);
    const of = { selection: next, type, origin: null, path: '' };
    next.members = this.members(of, this.#collect(type, at.nodes));
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

  #page(at: Place, mark: Mark<'page'>): Write {
    const { selection } = at;
    const { by } = mark;
    const list = `${at.type.name}.${at.field.name}`;
    const edge = new PageEdge(mark, { list, page: argumentsOf(at) });
    selection.edges.push(edge);
    const origin = by ? { selection, by, entity: at.type.name } : null;
    const type = getNamedType(at.field.type) as GraphQLObjectType;
    const members = [...this.#collect(type, at.nodes)].map(([key, nodes], index) => {
      const write = this.#connectionMember(edge, { type, nodes, origin });
      return { name: `${index > 0 ? ',' : ''}${JSON.stringify(key)}:`, write };
    });
    return (row, run) => {
      const page = edge.pageOf(row, run);
      let text = '{';
      for (const { name, write } of members) text += name + write(page, run);
      return `${text}}`;
    };
  }

  #connectionMember(edge: PageEdge, at: ConnectionPlace): WritePage {
    const [node] = at.nodes as [FieldNode];
    switch (node.name.value) {
      case 'totalCount':
        edge.asked.count = true;
        return ({ totalCount }) => String(totalCount);
      case 'nodes': {
        const next = this.#listed(edge, at);
        return ({ connection }, run) =>
          `[${connection.rows.map((row) => next.write(row as unknown as AnyRow, run)).join(',')}]`;
      }
      case 'edges':
        return this.#edges(edge, at);
      case 'pageInfo':
        return pageInfo(edge, this.#fieldsOf(at, 'pageInfo'));
      default: {
        const name = typename(at.type, node)({ id: 0 }, undefined as never);
        return () => name;
      }
    }
  }

  #edges(edge: PageEdge, at: ConnectionPlace): WritePage {
    const { type, fields } = this.#fieldsOf(at, 'edges');
    const members = [...fields].map(([key, nodes], index) => {
      const [node] = nodes as [FieldNode];
      const name = `${index > 0 ? ',' : ''}${JSON.stringify(key)}:`;
      if (node.name.value === 'cursor') {
        edge.asked.position = true;
        return { name, selection: null, text: null };
      }
      if (node.name.value === 'node') {
        return { name, selection: this.#listed(edge, { ...at, type, nodes }), text: null };
      }
      return { name, selection: null, text: JSON.stringify(type.name) };
    });
    return ({ connection }, run) => {
      const edges = connection.rows.map((each) => {
        const row = each as unknown as AnyRow;
        const texts = members.map(({ name, selection, text }) => {
          if (text !== null) return name + text;
          return name + (selection ? selection.write(row, run) : `"${connection.cursorOf(each)}"`);
        });
        return `{${texts.join('')}}`;
      });
      return `[${edges.join(',')}]`;
    };
  }

  /** What is asked of the rows of a list. */
  #listed(edge: PageEdge, at: ConnectionPlace): Selection {
    const [node] = at.nodes as [FieldNode];
    const field = at.type.getFields()[node.name.value] as AnyField;
    const type = this.#objectType(field.type);
    const next = selectionOf(edge);
    const of = { selection: next, type, origin: at.origin, path: '' };
    next.members = this.members(of, this.#collect(type, at.nodes));
    return next;
  }

  #fieldsOf(at: ConnectionPlace, name: string): { type: GraphQLObjectType; fields: Fields } {
    const type = getNamedType((at.type.getFields()[name] as AnyField).type) as GraphQLObjectType;
    return { type, fields: this.#collect(type, at.nodes) };
  }

  #collect(type: GraphQLObjectType, nodes: readonly FieldNode[]): Fields {
    return collectSubfields(this.#schema, this.#fragments, {}, type, nodes as FieldNode[]);
  }

  /** The type of an entity's rows; nothing else can be planned. */
  #objectType(type: GraphQLOutputType): GraphQLObjectType {
    const named = getNamedType(type);
    if (isObjectType(named) && isEntityType(named.name)) return named;
    throw new Unplanned(`${named.name} is not the type of an entity`);
  }
}

/** Rows of a type, as a selection has them: at the end of a path, where they were read with others. */
interface RowsOf {
  readonly selection: Selection;
  readonly type: GraphQLObjectType;
  readonly origin: Origin | null;
  /** Empty, or the relations that lead to them, with a dot behind each. */
  readonly path: string;
}

/** A field in an operation, of rows of a type. */
interface Place extends RowsOf {
  readonly field: AnyField;
  readonly nodes: readonly FieldNode[];
}

/** A field of a connection. */
interface ConnectionPlace {
  readonly type: GraphQLObjectType;
  readonly nodes: readonly FieldNode[];
  readonly origin: Origin | null;
}

type WritePage = (page: LoadedPage, run: PlanRun) => string;

function typename(type: GraphQLObjectType, node: FieldNode): Write {
  if (node.name.value !== '__typename') throw new Unplanned(`${node.name.value} is introspection`);
  const name = JSON.stringify(type.name);
  return () => name;
}

function nothing(nullable: boolean): string {
  if (nullable) return 'null';
  throw new Unplanned('A row is missing where one must be');
}

function leafOf(field: AnyField): (value: unknown) => string {
  const type = getNamedType(field.type);
  if (!isLeafType(type)) throw new Unplanned(`${type.name} is no leaf`);
  return leafWriter(type as GraphQLLeafType, !isNonNullType(field.type));
}

/** Has a property read, and says under which name a row has it. */
function need({ selection, path }: RowsOf, property: string): string {
  selection.needs.add(`${path}${property}`);
  return `${path}${property}`;
}

/** Whether a relation leads back to the rows for which these were found. */
function isBack({ origin, path }: RowsOf, property: string, target: EntityClass<object>): boolean {
  return path === '' && origin?.by === property && origin.entity === target.name;
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

/** Arguments without variables are the same in every run. */
function argumentsOf({ field, nodes }: Place): Arguments {
  const [node] = nodes as [FieldNode];
  let constant = true;
  visit(node, {
    Variable: () => {
      constant = false;
    },
    SelectionSet: () => false,
  });
  if (!constant) return (run) => getArgumentValues(field as never, node, run.variables);
  let values: Record<string, unknown> | undefined;
  return () => {
    values ??= getArgumentValues(field as never, node, {});
    return values;
  };
}

function pageInfo(
  edge: PageEdge,
  { type, fields }: { readonly type: GraphQLObjectType; readonly fields: Fields },
): WritePage {
  const members = [...fields].map(([key, nodes], index) => {
    const name = nodes[0]?.name.value ?? '';
    if (name === 'hasNextPage') edge.asked.hasNextPage = true;
    if (name === 'hasPreviousPage') edge.asked.hasPreviousPage = true;
    if (name === 'startCursor' || name === 'endCursor') edge.asked.position = true;
    const write = PAGE_INFO[name] ?? (() => JSON.stringify(type.name));
    return { name: `${index > 0 ? ',' : ''}${JSON.stringify(key)}:`, write };
  });
  return (page) => `{${members.map(({ name, write }) => name + write(page)).join('')}}`;
}

const PAGE_INFO: Readonly<Record<string, (page: LoadedPage) => string>> = {
  hasNextPage: (page) => String(page.hasNextPage),
  hasPreviousPage: (page) => String(page.hasPreviousPage),
  startCursor: ({ connection }) => JSON.stringify(connection.pageInfo.startCursor),
  endCursor: ({ connection }) => JSON.stringify(connection.pageInfo.endCursor),
};
