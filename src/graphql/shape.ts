import {
  type ASTNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import { figure, LIMITS, tooComplex } from './limits.ts';

/** What goes beyond the limits in how the operations of a valid document are written. */
export function shapeErrors(document: DocumentNode): GraphQLError[] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
    fragments.set(definition.name.value, definition);
  }
  const shape = new Shape(fragments);
  return document.definitions.flatMap((definition) =>
    definition.kind === Kind.OPERATION_DEFINITION ? shape.errors(definition) : [],
  );
}

/** Reads each fragment once for all places where it is spread: fragments can double without end. */
class Shape {
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #deepest = new Map<string, readonly FieldNode[]>();

  constructor(fragments: ReadonlyMap<string, FragmentDefinitionNode>) {
    this.#fragments = fragments;
  }

  errors(operation: OperationDefinitionNode): GraphQLError[] {
    const name = operation.name ? ` ${operation.name.value}` : '';
    const subject = `The ${operation.operation}${name}`;
    const { aliases, directives, deepestValue } = this.#written(operation);
    const root = this.#fields(operation.selectionSet);
    const deepest = this.#deepestIn(operation.selectionSet);
    const errors: GraphQLError[] = [];
    if (deepest.length > LIMITS.depth) {
      const path = deepest.map((field) => field.name.value).join(' → ');
      const found = `${subject} is ${figure(deepest.length)} levels deep; the limit is ${LIMITS.depth}`;
      const nodes = deepest.slice(LIMITS.depth, LIMITS.depth + 1);
      errors.push(tooComplex(`${found}: ${path}. Ask for what lies deeper by its id.`, { nodes }));
    }
    if (deepestValue && deepestValue.levels > LIMITS.values) {
      const found = `${subject} has a value with more than ${LIMITS.values} levels of lists and objects`;
      errors.push(tooComplex(`${found}, which is the limit.`, { nodes: [deepestValue.node] }));
    }
    const counted = [
      [aliases, LIMITS.aliases, 'aliases', mostly(aliases)],
      [root, LIMITS.rootFields, 'fields at its root', mostly(root)],
      [directives, LIMITS.directives, 'directives', mostly(directives)],
    ] as const;
    for (const [found, limit, what, most] of counted) {
      if (found.length <= limit) continue;
      const message = `${subject} has ${found.length} ${what}; the limit is ${limit}. ${most}`;
      errors.push(tooComplex(message, { nodes: found.slice(limit, limit + 1) }));
    }
    return errors;
  }

  /** The aliases and directives of an operation and of the fragments that it reaches. */
  #written(operation: OperationDefinitionNode) {
    const aliases: FieldNode[] = [];
    const directives: DirectiveNode[] = [];
    const values = new ValueLevels();
    const reached = new Set<ASTNode>([operation]);
    // A set goes on to what is added while it is read.
    for (const definition of reached) {
      visit(definition, {
        Field: (node) => {
          if (node.alias) aliases.push(node);
        },
        Directive: (node) => {
          directives.push(node);
        },
        ListValue: values,
        ObjectValue: values,
        FragmentSpread: (node) => {
          const fragment = this.#fragments.get(node.name.value);
          if (fragment) reached.add(fragment);
        },
      });
    }
    return { aliases, directives, deepestValue: values.deepest };
  }

  /** The fields of a selection, those in its fragments included. */
  #fields(selectionSet: SelectionSetNode, seen = new Set<string>()): FieldNode[] {
    return selectionSet.selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [selection];
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        return this.#fields(selection.selectionSet, seen);
      }
      const { value } = selection.name;
      const fragment = seen.has(value) ? undefined : this.#fragments.get(value);
      seen.add(value);
      return fragment ? this.#fields(fragment.selectionSet, seen) : [];
    });
  }

  /** The fields that lie deepest within each other. */
  #deepestIn({ selections }: SelectionSetNode): readonly FieldNode[] {
    let deepest: readonly FieldNode[] = [];
    for (const selection of selections) {
      const found = this.#deepestFrom(selection);
      if (found.length > deepest.length) deepest = found;
    }
    return deepest;
  }

  #deepestFrom(selection: SelectionNode): readonly FieldNode[] {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return this.#deepestOf(selection.name.value);
    if (selection.kind === Kind.INLINE_FRAGMENT) return this.#deepestIn(selection.selectionSet);
    if (selection.name.value.startsWith('__')) return [];
    return [selection, ...(selection.selectionSet ? this.#deepestIn(selection.selectionSet) : [])];
  }

  #deepestOf(fragment: string): readonly FieldNode[] {
    let deepest = this.#deepest.get(fragment);
    if (!deepest) {
      const definition = this.#fragments.get(fragment);
      deepest = definition ? this.#deepestIn(definition.selectionSet) : [];
      this.#deepest.set(fragment, deepest);
    }
    return deepest;
  }
}

/** Counts the levels of lists and objects that lie within each other, while a document is visited. */
class ValueLevels {
  #levels = 0;
  deepest: { readonly node: ASTNode; readonly levels: number } | undefined;

  readonly enter = (node: ASTNode): void => {
    this.#levels += 1;
    if (this.#levels <= (this.deepest?.levels ?? 0)) return;
    this.deepest = { node, levels: this.#levels };
  };

  readonly leave = (): void => {
    this.#levels -= 1;
  };
}

/** Which name most of some nodes have. */
function mostly(nodes: readonly (FieldNode | DirectiveNode)[]): string {
  const counts = new Map<string, number>();
  for (const { kind, name } of nodes) {
    const text = kind === Kind.DIRECTIVE ? `@${name.value}` : name.value;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  const [most] = [...counts].sort(([, one], [, other]) => other - one);
  return most ? `${most[1]} of them are \`${most[0]}\`.` : '';
}
