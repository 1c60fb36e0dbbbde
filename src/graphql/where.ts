import type { EntityClass } from '@mikro-orm/core';
import type { InputRef } from '@pothos/core';
import { type Condition, ConditionWriter } from '../database/condition.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { type Table, tableOf } from '../database/rows.ts';
import { badRequest } from './bad-request.ts';
import { builder } from './builder.ts';
import { costs } from './declared-cost.ts';

type AnyEntity = EntityClass<object>;

/** What a client says of the rows that it wants: by field, or `and`, `or` and `not`. */
export type Where = Readonly<Record<string, unknown>>;

/** Most conditions in one `where`, and most levels of them in each other. */
const MAX_CONDITIONS = 50;
const MAX_LEVELS = 6;

/** Rows that a condition speaks of, as a statement names them. */
export interface RowsOf {
  readonly table: Table;
  readonly alias: string;
}

/** A field of a `where` input: what clients give for it, and the SQL of that. */
export interface WhereField {
  readonly type: () => object | string;
  readonly description: string;
  /** The property whose index finds the rows; null for what is computed for each row of the list. */
  readonly indexed: string | null;
  /** SQL that is true or false, never null. The value is not null. */
  readonly write: (value: never, of: RowsOf, writer: WhereWriter) => string;
}

const newRef = (name: string) => builder.inputRef<Where>(name);

/** Rows have to be computed, and many of them perhaps, for each that is found. */
const SLOW = costs({ times: 5 });

interface WhereType {
  readonly ref: ReturnType<typeof newRef>;
  readonly fields: Map<string, WhereField>;
}

const types = new Map<AnyEntity, WhereType>();

function whereOf(entity: AnyEntity, name = `${entity.name}Where`): WhereType {
  let type = types.get(entity);
  if (!type) {
    type = { ref: newRef(name), fields: new Map() };
    types.set(entity, type);
  }
  return type;
}

/** The `where` input of lists of an entity. */
export const whereType = (entity: AnyEntity): InputRef<Where> => whereOf(entity).ref;

/** The `where` argument of a list of an entity. */
export const whereArgument = (entity: AnyEntity) => ({
  type: whereType(entity),
  description: 'Which rows the list has; all unless said.',
});

/** The fields by which lists can be filtered, of each entity that has any. */
export function whereFields(): [entity: AnyEntity, fields: ReadonlyMap<string, WhereField>][] {
  return [...types].map(([entity, { fields }]) => [entity, fields]);
}

/** Adds a field to the `where` input of an entity; the first one is declared by the entity's feature. */
export function addWhereFields(
  entity: AnyEntity,
  added: Readonly<Record<string, WhereField>>,
  name?: string,
): void {
  const { ref, fields } = whereOf(entity, name);
  const isNew = fields.size === 0;
  for (const [name, field] of Object.entries(added)) fields.set(name, field);
  if (!isNew) return;
  ref.implement({
    description: `Which ${entity.name} rows a list has: those for which all that is given holds.`,
    fields: (t) =>
      ({
        ...Object.fromEntries(
          [...fields].map(([name, { type, description, indexed }]) => [
            name,
            t.field({ type: type() as never, description, ...(indexed === null && SLOW) }),
          ]),
        ),
        and: t.field({ type: [ref], description: 'All of these hold.' }),
        or: t.field({ type: [ref], description: 'At least one of these holds.' }),
        not: t.field({ type: ref, description: 'This does not hold.' }),
      }) as never,
  });
}

/**
 * The condition that a client's `where` comes to, about the rows of an alias.
 * @throws GraphQLError with the code BAD_REQUEST for what cannot be asked, with its path.
 */
export function conditionOf(
  em: EntityManager,
  entity: AnyEntity,
  where: Where | null | undefined,
  alias = 'x',
): Condition | undefined {
  if (!where) return undefined;
  const writer = new WhereWriter(em);
  return writer.condition(writer.where(where, { table: tableOf(em, entity), alias }));
}

/** Writes a client's `where`, and knows where in it it is. */
export class WhereWriter extends ConditionWriter {
  readonly #path: string[] = ['where'];
  #conditions = 0;
  #levels = 0;

  /** Where in the arguments the value is that is being written. */
  get path(): string {
    return this.#path.join('.');
  }

  /** The rows of an entity under a name of their own. */
  rowsOf(entity: AnyEntity): RowsOf {
    return { table: tableOf(this.em, entity), alias: this.alias() };
  }

  /** What a `where` says of some rows, as SQL that is true or false. */
  where(where: Where, of: RowsOf): string {
    this.#levels += 1;
    if (this.#levels > MAX_LEVELS) {
      throw badRequest(`\`${this.path}\` is deeper than ${MAX_LEVELS} levels.`);
    }
    const condition = this.all(where, (name, value) => this.#member(name, value, of));
    this.#levels -= 1;
    return condition;
  }

  /**
   * What each member that an input has comes to, all of which have to hold.
   * @throws GraphQLError with the code BAD_REQUEST for a null: a variable without a value would
   *   otherwise find everything.
   */
  all(given: Where, write: (name: string, value: unknown) => string): string {
    const conditions = Object.entries(given).flatMap(([name, value]) =>
      value === undefined ? [] : [this.#within(name, () => write(name, this.#notNull(value)))],
    );
    return allOf(conditions);
  }

  #notNull(value: unknown): unknown {
    if (value !== null) return value;
    const way = 'leave it out, or ask with `isNull` where it is offered';
    throw badRequest(`\`${this.path}\` must not be null: ${way}.`);
  }

  #within(name: string, write: () => string): string {
    this.#path.push(name);
    const written = write();
    this.#path.pop();
    return written;
  }

  #member(name: string, value: unknown, of: RowsOf): string {
    if (name === 'not') return `not (${this.where(value as Where, of)})`;
    if (name === 'and' || name === 'or') {
      const parts = (value as Where[]).map((part, index) =>
        this.#within(String(index), () => this.where(part, of)),
      );
      return name === 'and' ? allOf(parts) : anyOf(parts);
    }
    this.#conditions += 1;
    if (this.#conditions > MAX_CONDITIONS) {
      throw badRequest(`\`where\` takes at most ${MAX_CONDITIONS} conditions.`);
    }
    const field = fieldNamed(of, name);
    return field.write(value as never, of, this);
  }
}

function fieldNamed({ table }: RowsOf, name: string): WhereField {
  for (const [entity, { fields }] of types) {
    const field = entity.name === table.entity ? fields.get(name) : undefined;
    if (field) return field;
  }
  throw new Error(`${table.entity} has no condition ${name}`);
}

const allOf = (conditions: readonly string[]): string =>
  conditions.length === 0 ? 'true' : conditions.map((each) => `(${each})`).join(' and ');

const anyOf = (conditions: readonly string[]): string =>
  conditions.length === 0 ? 'false' : conditions.map((each) => `(${each})`).join(' or ');
