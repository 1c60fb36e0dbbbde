import type { Dialect } from './dialect.ts';
import type { EntityManager } from './entity-manager.ts';
import type { ListSource } from './page-shape.ts';
import { tableOf } from './rows.ts';

/** How the rows that belong to parents are found, as SQL in which they are `x`. */
interface Children {
  readonly key: string;
  readonly from: (dialect: Dialect) => string;
  /** The columns of which one holds the parent. */
  readonly parents: readonly string[];
  readonly parentTable: string;
  /** Keeps a list from having a row twice. */
  readonly distinct: string;
  /** What is counted. */
  readonly counted: string;
}

/** The rows of a parent: joined to the entity between, or that alone when it is to count. */
export function childrenOf(
  em: EntityManager,
  source: ListSource,
  purpose: 'list' | 'count' = 'list',
): Children {
  const table = tableOf(em, source.entity);
  if (source.through) {
    const between = tableOf(em, source.through.entity);
    const { owner, target, repeats = false } = source.through;
    const key = `${between.name}.${owner}.${target}`;
    const [parent, leadsTo] = [between.column(owner), between.column(target)];
    const parentTable = tableOf(em, between.target(owner)).name;
    const distinct = repeats ? 'distinct ' : '';
    const counted = repeats ? `distinct x.${leadsTo}` : '*';
    if (purpose === 'count') {
      return {
        key,
        from: () => `${between.name} x`,
        parents: [`x.${parent}`],
        parentTable,
        distinct,
        counted,
      };
    }
    // A look-up for each row: the planner would read a small table whole, for each parent anew.
    const from = (dialect: Dialect) =>
      `${between.name} v ${dialect.toOne(table.name, 'x', `v.${leadsTo}`)}`;
    const listed = repeats ? 'distinct x.id' : '*';
    return { key, from, parents: [`v.${parent}`], parentTable, distinct, counted: listed };
  }
  if (!source.by) throw new Error(`${table.entity} is listed for a parent, but by which relation?`);
  const relations = [source.by, ...(source.orBy ? [source.orBy] : [])];
  const parents = relations.map((relation) => `x.${table.column(relation)}`);
  const key = `${table.name}.${relations.join('.')}`;
  const parentTable = tableOf(em, table.target(source.by)).name;
  const from = () => `${table.name} x`;
  return { key, from, parents, parentTable, distinct: '', counted: '*' };
}

/** That a row belongs to a parent, by whichever of its columns. */
export const isChildOf = ({ parents }: Children, parent: string): string =>
  `(${parents.map((column) => `${column} = ${parent}`).join(' or ')})`;
