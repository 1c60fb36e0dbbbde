import {
  type GraphQLArgument,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isRequiredArgument,
} from 'graphql';
import { type AnyField, fieldsOf, isLeaf, rowTypes, type Shape, shapeOf } from './schema-shape.ts';

/** How many rows a list is asked for: the first of a path, and each of those below it. */
export interface Size {
  readonly first: number;
  readonly further: number;
}

/** What arguments are given, as GraphQL writes it. */
export interface Arguments {
  /**
   * By `Type.field(argument:)`, also of arguments that could be left out, or by the name of the
   * argument's type. `rows` is how many rows are wanted.
   */
  readonly values: Readonly<Record<string, (rows: number) => string>>;
  /** Arguments with which leaves are asked for once more, by `Type.field`. */
  readonly variants: Readonly<Record<string, readonly string[]>>;
}

/** A field that leads to rows, on its way from a root. */
export interface Edge {
  /** `Type.field`: the same wherever the walk meets it. */
  readonly name: string;
  /** Its name in the answer. */
  readonly key: string;
  readonly shape: Shape;
  readonly field: AnyField;
  /** What is asked of rows of each type that the field can lead to. */
  readonly rows: readonly Rows[];
}

interface Rows {
  readonly type: GraphQLObjectType;
  /** All types of rows that the field can lead to. */
  readonly types: readonly GraphQLObjectType[];
  readonly below: readonly Edge[];
}

const PAGE_ARGUMENTS = ['first'];

/** Walks a schema from a field of a root type, and writes what it meets as operations. */
export class Walk {
  readonly #schema: GraphQLSchema;
  readonly #arguments: Arguments;

  constructor(schema: GraphQLSchema, args: Arguments) {
    this.#schema = schema;
    this.#arguments = args;
  }

  /** A field of a root type with every edge that lies up to `depth` below it. */
  from(root: GraphQLObjectType, field: AnyField, depth: number): Edge {
    return this.#edge(root, field, depth, field.name);
  }

  #edge(parent: GraphQLObjectType, field: AnyField, depth: number, key: string): Edge {
    const types = rowTypes(this.#schema, field);
    const rows = types.map((type): Rows => {
      const fields = depth > 0 ? fieldsOf(type).filter((each) => !isLeaf(each)) : [];
      const below = fields.map((each) =>
        this.#edge(type, each, depth - 1, keyOf(type, each, types)),
      );
      return { type, types, below };
    });
    return { name: `${parent.name}.${field.name}`, key, shape: shapeOf(field), field, rows };
  }

  /** An edge as an operation asks for it, with all leaves, and below it only those edges `asked`. */
  write(edge: Edge, size: Size, asked: (edge: Edge) => boolean): string {
    const args = this.#written(edge.name, edge.field.args, size.first);
    const below = edge.shape === 'one' ? size : { first: size.further, further: size.further };
    const rows = edge.rows.map(({ type, types, below: edges }) => {
      const leaves = this.#leaves(type, types);
      const further = edges.filter(asked).map((each) => this.write(each, below, asked));
      const fields = ['__typename', ...leaves, ...further].join(' ');
      return types.length > 1 ? `... on ${type.name} { ${fields} }` : fields;
    });
    const name = edge.key === edge.field.name ? edge.key : `${edge.key}: ${edge.field.name}`;
    return `${name}${args} { ${this.#wrapped(edge, rows.join(' '))} }`;
  }

  #wrapped({ shape, field, name }: Edge, rows: string): string {
    if (shape !== 'page') return rows;
    const type = getNamedType(field.type) as GraphQLObjectType;
    return fieldsOf(type)
      .map((each) => {
        if (isLeaf(each)) return this.#leaf(type, each);
        if (each.name === 'nodes') return `nodes { ${rows} }`;
        if (each.name === 'edges') return 'edges { cursor node { __typename } }';
        if (each.name === 'pageInfo') {
          const [pageInfo] = rowTypes(this.#schema, each);
          return `pageInfo { ${fieldsOf(pageInfo as GraphQLObjectType)
            .map((info) => info.name)
            .join(' ')} }`;
        }
        throw new Error(`${name}: no walk knows what ${type.name}.${each.name} is`);
      })
      .join(' ');
  }

  #leaves(type: GraphQLObjectType, types: readonly GraphQLObjectType[]): string[] {
    return fieldsOf(type)
      .filter(isLeaf)
      .flatMap((field) => {
        const key = keyOf(type, field, types);
        const plain = key === field.name ? '' : `${key}: `;
        const variants = this.#arguments.variants[`${type.name}.${field.name}`] ?? [];
        return [
          `${plain}${this.#leaf(type, field)}`,
          ...variants.map((args, index) => `${key}_${index}: ${field.name}${args}`),
        ];
      });
  }

  #leaf(type: GraphQLObjectType, field: AnyField): string {
    return field.name + this.#written(`${type.name}.${field.name}`, field.args, 1);
  }

  #written(field: string, args: readonly GraphQLArgument[], rows: number): string {
    const written = args.flatMap((argument) => {
      const value = this.#value(field, argument, rows);
      return value === undefined ? [] : [`${argument.name}: ${value}`];
    });
    return written.length > 0 ? `(${written.join(', ')})` : '';
  }

  #value(field: string, argument: GraphQLArgument, rows: number): string | undefined {
    const { values } = this.#arguments;
    const name = `${field}(${argument.name}:)`;
    const own = values[name];
    if (own) return own(rows);
    if (PAGE_ARGUMENTS.includes(argument.name)) return String(rows);
    if (!isRequiredArgument(argument)) return undefined;
    const byType = values[getNamedType(argument.type).name];
    if (byType) return byType(rows);
    throw new Error(
      `The walk has no value for ${name}: give it one in test/support/graph-facts.ts`,
    );
  }
}

/** Types side by side may have fields of one name and several types: those need names of their own. */
function keyOf(
  type: GraphQLObjectType,
  { name, type: own }: AnyField,
  types: readonly GraphQLObjectType[],
): string {
  const others = types.flatMap((each) => each.getFields()[name] ?? []);
  return others.every((other) => `${other.type}` === `${own}`) ? name : `${type.name}_${name}`;
}

/** The names of all edges that can be reached from a type, however far away. */
export function edgesBehind(schema: GraphQLSchema, root: GraphQLObjectType): Set<string> {
  const names = new Set<string>();
  const types = new Set([root]);
  for (const type of types) {
    for (const field of fieldsOf(type).filter((each) => !isLeaf(each))) {
      names.add(`${type.name}.${field.name}`);
      for (const next of rowTypes(schema, field)) types.add(next);
    }
  }
  return names;
}

/** An edge and all below it. */
export function withBelow(edge: Edge): Edge[] {
  return [edge, ...edge.rows.flatMap(({ below }) => below.flatMap(withBelow))];
}

/** Every way from an edge to one below it, shorter ones first. */
export function pathsFrom(edge: Edge): Edge[][] {
  const paths: Edge[][] = [[edge]];
  for (const path of paths) {
    for (const { below } of path.at(-1)?.rows ?? []) {
      for (const next of below) paths.push([...path, next]);
    }
  }
  return paths;
}

type Answer = Readonly<Record<string, unknown>>;

/** The rows that a parent's answer has at an edge; null where the edge is one of another type. */
export function rowsAt(edge: Edge, parent: Answer): Answer[] | null {
  const type = parent['__typename'];
  if (type !== undefined && !edge.name.startsWith(`${type}.`)) return null;
  const found = parent[edge.key] as undefined | null | Answer | Answer[] | { nodes: Answer[] };
  if (found === undefined) return null;
  if (found === null) return [];
  if (edge.shape === 'page') return (found as { nodes: Answer[] }).nodes;
  return [found].flat().filter((row): row is Answer => row !== null);
}
