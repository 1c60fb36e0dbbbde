import type { Context } from '../../context.ts';
import { nestedName } from '../../database/nested-pages.ts';
import type { NestedRequest } from '../loading.ts';
import type { AnyRow } from '../marks.ts';

/** What a request needs that a plan cannot give: the general executor answers it. */
export class Unplanned extends Error {}

/** One run of a plan: what was read so far, by the parts of the plan that read it. */
export class PlanRun {
  readonly context: Context;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly #read = new Map<object, unknown>();

  constructor(context: Context, variables: Readonly<Record<string, unknown>>) {
    this.context = context;
    this.variables = variables;
  }

  keep(part: object, read: unknown): void {
    this.#read.set(part, read);
  }

  /** What a part of the plan read in this run. */
  of<T>(part: object): T {
    return this.#read.get(part) as T;
  }
}

/** Writes a value of a row as JSON. All that it needs was read. */
export type Write = (row: AnyRow, run: PlanRun) => string;

/** What leads from rows to others: reads them for all rows at once. */
export interface Edge {
  load(rows: readonly AnyRow[], run: PlanRun): Promise<void>;
  /**
   * Has its rows read along with those that it leads from, where they can be.
   * @param name is what these will have its rows under.
   */
  nest?(name: string, run: PlanRun): NestedRequest | null;
}

/** A member of an object in an answer: its name with what stands before it, and its value. */
export interface Member {
  readonly name: string;
  readonly write: Write;
}

/** The members in order, as an object. */
export function writeObject(members: readonly Member[], row: AnyRow, run: PlanRun): string {
  let text = '{';
  for (const { name, write } of members) text += name + write(row, run);
  return `${text}}`;
}

/** What an answer says of rows of one type: what it needs of them, where it goes on, what it writes. */
export class Selection {
  /** Paths of a `Projection`. */
  readonly needs = new Set<string>(['id']);
  readonly edges: Edge[] = [];
  members: readonly Member[] = [];
  /** Selections of the same rows, whose needs are read along with its own. */
  readonly sharing: Selection[] = [];
  /** Whether its rows come from a projection, which can go along relations. */
  readonly projected: boolean;

  constructor(projected: boolean) {
    this.projected = projected;
  }

  async load(rows: readonly AnyRow[], run: PlanRun): Promise<void> {
    run.keep(this, rows);
    if (rows.length === 0) return;
    const { edges } = this;
    if (edges.length === 1) return (edges[0] as Edge).load(rows, run);
    await Promise.all(edges.map((edge) => edge.load(rows, run)));
  }

  write(row: AnyRow, run: PlanRun): string {
    return writeObject(this.members, row, run);
  }
}

/** What selections of the same rows need together. */
export function pathsOf(selections: readonly Selection[]): readonly string[] {
  const all = new Set<string>();
  const add = ({ needs, sharing }: Selection) => {
    for (const path of needs) all.add(path);
    sharing.forEach(add);
  };
  selections.forEach(add);
  return [...all];
}

/** What is read along with the rows of selections. */
export function nestedIn(selections: readonly Selection[], run: PlanRun): NestedRequest[] {
  const all: NestedRequest[] = [];
  if (!run.context.loaders.nestsPages) return all;
  for (const { edges } of selections) {
    for (const edge of edges) {
      const nested = edge.nest?.(nestedName(all.length), run);
      if (nested) all.push(nested);
    }
  }
  return all;
}

/** Loads what several selections go on to from the same rows. */
export async function loadAll(
  selections: readonly Selection[],
  rows: readonly AnyRow[],
  run: PlanRun,
): Promise<void> {
  if (selections.length === 1) return (selections[0] as Selection).load(rows, run);
  await Promise.all(selections.map((selection) => selection.load(rows, run)));
}
