import { type EntityMetadata, type EntityProperty, JsonType } from '@mikro-orm/core';
import { appendOnlyTables } from './append-only.ts';
import type { EntityManager } from './entity-manager.ts';

/** What a column holds, however a database stores it. */
export type StoredKind = 'boolean' | 'date' | 'json' | 'number' | 'text' | 'time';

interface StoredColumn {
  readonly name: string;
  readonly kind: StoredKind;
}

/** A table as it is stored, for those who take its rows along as they are. */
export interface StoredTable {
  readonly name: string;
  readonly columns: readonly StoredColumn[];
  /**
   * The column by which a row refers to another one of its table that may be younger; null where none
   * does. A row that is written once refers to what was there before it, so to a lower id.
   */
  readonly parent: string | null;
}

/** The tables of the ORM alone: each database keeps its own. */
export const TABLES_OF_THE_ORM: readonly string[] = ['mikro_orm_migrations'];

/** The tables of all entities, in an order in which each refers to itself and those before it only. */
export function storedTables(em: EntityManager): StoredTable[] {
  const entities = [...em.getMetadata().getAll().values()].sort(byTable);
  const appendOnly = new Set(appendOnlyTables(entities));
  const tables = new Map(entities.map((meta) => [meta.tableName, meta]));
  const ordered = new Set<string>();
  for (const name of tables.keys()) addAfterItsTargets(name, { tables, ordered, path: [] });
  return [...ordered].flatMap((name) => {
    const meta = tables.get(name);
    return meta ? storedTable(meta, appendOnly.has(name)) : [];
  });
}

const byTable = (a: EntityMetadata, b: EntityMetadata): number =>
  a.tableName < b.tableName ? -1 : 1;

interface Ordering {
  readonly tables: ReadonlyMap<string, EntityMetadata>;
  readonly ordered: Set<string>;
  readonly path: readonly string[];
}

function addAfterItsTargets(name: string, { tables, ordered, path }: Ordering): void {
  if (ordered.has(name)) return;
  if (path.includes(name)) throw new Error(`Tables refer to each other: ${path.join(', ')}`);
  for (const target of targetsOf(tables.get(name))) {
    if (target !== name) addAfterItsTargets(target, { tables, ordered, path: [...path, name] });
  }
  ordered.add(name);
}

/** The ORM has more than one object for an entity, so that its table is what tells it. */
const targetsOf = (meta: EntityMetadata | undefined): string[] =>
  (meta?.props ?? []).flatMap(({ targetMeta }) => targetMeta?.tableName ?? []);

function storedTable(meta: EntityMetadata, isAppendOnly: boolean): StoredTable {
  const stored = meta.props.filter((property) => property.fieldNames?.length);
  const parents = isAppendOnly
    ? []
    : stored.filter(({ targetMeta }) => targetMeta?.tableName === meta.tableName);
  if (parents.length > 1) throw new Error(`${meta.tableName} refers to itself in two ways`);
  return {
    name: meta.tableName,
    columns: stored.map((property) => ({ name: columnOf(property), kind: kindOf(property) })),
    parent: parents[0] ? columnOf(parents[0]) : null,
  };
}

function columnOf({ name, fieldNames }: EntityProperty): string {
  const [column, ...others] = fieldNames;
  if (!column || others.length > 0) throw new Error(`${name} is not one column`);
  return column;
}

function kindOf({ columnTypes, customType, runtimeType }: EntityProperty): StoredKind {
  if (customType instanceof JsonType) return 'json';
  if (columnTypes[0] === 'date') return 'date';
  if (runtimeType === 'Date') return 'time';
  if (runtimeType === 'boolean') return 'boolean';
  return runtimeType === 'string' ? 'text' : 'number';
}
