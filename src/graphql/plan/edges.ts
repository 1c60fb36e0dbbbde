import type { EntityClass } from '@mikro-orm/core';
import type { GraphQLField } from 'graphql';
import type { Context } from '../../context.ts';
import { PARENT } from '../../database/page-shape.ts';
import type { AnyRow, UniqueValue } from '../marks.ts';
import { type Edge, loadAll, nestedIn, type PlanRun, pathsOf, Selection } from './plan.ts';

/** The arguments of a field in a run. */
export type Arguments = (run: PlanRun) => Record<string, unknown>;

/** The rows at the other end of a to-one relation, each read once. */
export class RelationEdge implements Edge {
  readonly property: string;
  readonly target: EntityClass<object>;
  readonly selections: Selection[] = [];

  constructor(property: string, target: EntityClass<object>) {
    this.property = property;
    this.target = target;
  }

  async load(rows: readonly AnyRow[], run: PlanRun): Promise<void> {
    const found = await this.read(rows, run);
    run.keep(this, new Map(found.map((row) => [row.id, row])));
    await loadAll(this.selections, found, run);
  }

  #paths: readonly string[] | undefined;

  protected async read(rows: readonly AnyRow[], run: PlanRun): Promise<readonly AnyRow[]> {
    const ids = new Set<number>();
    for (const row of rows) {
      const id = row[this.property];
      if (typeof id === 'number') ids.add(id);
    }
    this.#paths ??= pathsOf(this.selections);
    const nested = nestedIn(this.selections, run);
    const wanted = { property: 'id', values: [...ids], paths: this.#paths, nested };
    return (await run.context.loaders.rowsWith(this.target, wanted)) as readonly AnyRow[];
  }

  /** The row that a row leads to; null where it leads nowhere. */
  rowFrom(row: AnyRow, run: PlanRun): AnyRow | null {
    const key = this.keyIn(row);
    const found = run.of<Map<unknown, AnyRow>>(this).get(key);
    if (found) return found;
    if (key === null) return null;
    throw new Error(`${this.target.name} ${key} is missing`);
  }

  /** The key of the row that a row leads to. */
  protected keyIn(row: AnyRow): unknown {
    return row[this.property];
  }
}

/** The relation by which rows were found: it leads back to the rows that they were found for. */
export class ParentEdge extends RelationEdge {
  readonly #parent: Selection;

  constructor(property: string, target: EntityClass<object>, parent: Selection) {
    super(property, target);
    this.#parent = parent;
  }

  /** Another selection of the parent's rows. */
  share(): Selection {
    const selection = selectionOf(this, this.#parent.projected);
    this.#parent.sharing.push(selection);
    return selection;
  }

  protected override read(_rows: readonly AnyRow[], run: PlanRun): Promise<readonly AnyRow[]> {
    return Promise.resolve(run.of<readonly AnyRow[]>(this.#parent));
  }

  protected override keyIn(row: AnyRow): unknown {
    return row[PARENT];
  }
}

/** Whatever only a field's resolver knows: a value, a row or rows, for each row. */
export class ResolverEdge implements Edge {
  readonly #field: GraphQLField<unknown, Context>;
  readonly #arguments: Arguments;
  /** What is said of the rows that it gives; empty where it gives values. */
  readonly selections: Selection[] = [];

  constructor(field: GraphQLField<unknown, Context>, args: Arguments) {
    this.#field = field;
    this.#arguments = args;
  }

  async load(rows: readonly AnyRow[], run: PlanRun): Promise<void> {
    const { resolve } = this.#field;
    const args = this.#arguments(run);
    // Fields that are marked read nothing of where they stand in the operation.
    const values = await Promise.all(
      rows.map((row) => resolve?.(row, args, run.context, undefined as never)),
    );
    run.keep(this, new Map(rows.map((row, index) => [row.id, values[index]])));
    if (this.selections.length === 0) return;
    const found = values.flat().filter((value) => value !== null && value !== undefined);
    await loadAll(this.selections, found as AnyRow[], run);
  }

  valueOf(row: AnyRow, run: PlanRun): unknown {
    return run.of<Map<number, unknown>>(this).get(row.id);
  }
}

/** The one row that a field's arguments name. */
export class FindEdge implements Edge {
  readonly #target: EntityClass<object>;
  readonly #by: (run: PlanRun) => UniqueValue;
  readonly selections: Selection[] = [];
  #paths: readonly string[] | undefined;

  constructor(target: EntityClass<object>, by: (run: PlanRun) => UniqueValue) {
    this.#target = target;
    this.#by = by;
  }

  async load(_rows: readonly AnyRow[], run: PlanRun): Promise<void> {
    const { loaders } = run.context;
    const { property, values } = await this.#ownValue(run);
    this.#paths ??= pathsOf(this.selections);
    const nested = nestedIn(this.selections, run);
    const wanted = { property, values, paths: this.#paths, nested };
    const found = (await loaders.rowsWith(this.#target, wanted)) as AnyRow[];
    run.keep(this, found[0] ?? null);
    await loadAll(this.selections, found, run);
  }

  /** The value of the row's own by which it is read: none where no row leads to it. */
  async #ownValue(run: PlanRun): Promise<{ property: string; values: (number | string)[] }> {
    const { property, value, via } = this.#by(run);
    if (!via) return { property, values: [value] };
    const wanted = { property, values: [value], paths: [via.relation] };
    const leading = (await run.context.loaders.rowsWith(via.entity, wanted)) as AnyRow[];
    return { property: 'id', values: leading.map((row) => Number(row[via.relation])) };
  }

  rowIn(run: PlanRun): AnyRow | null {
    return run.of<AnyRow | null>(this);
  }
}

/** A selection of rows that an edge leads to. */
export function selectionOf(
  edge: { readonly selections: Selection[] },
  projected = true,
): Selection {
  const selection = new Selection(projected);
  edge.selections.push(selection);
  return selection;
}
