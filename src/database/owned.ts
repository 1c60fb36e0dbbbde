import { type EntityClass, UniqueConstraintViolationException } from '@mikro-orm/core';
import { type DomainError, VersionConflict } from '../errors.ts';
import type { EntityManager } from './entity-manager.ts';
import { type Row, rowOf, tableOf } from './rows.ts';
import { run, Statement } from './statement.ts';

/** A property whose value is unique in the organization, and its value: one of each. */
type UniqueCondition<E> = { readonly [K in keyof Row<E>]?: number | string };

const statements = new Map<string, Statement<Row<object>>>();

function lockStatement(
  em: EntityManager,
  entity: EntityClass<object>,
  property: string,
): Statement<Row<object>> {
  const key = `${entity.name}.${property}`;
  let statement = statements.get(key);
  if (!statement) {
    const table = tableOf(em, entity);
    statement = new Statement(
      (dialect) => `select ${table.columns('x')} from ${table.name} x
        where ${property === 'id' ? dialect.owned('x') : 'x.organization_id = $1'}
          and x.${table.column(property)} = $2 ${dialect.forUpdate('x')}`,
      table.decode,
    );
    statements.set(key, statement);
  }
  return statement;
}

/**
 * The managed row of an organization with a unique value, locked for a change; null for none. The way
 * for services to load what they change: the organization is part of every condition, and what the
 * EntityManager knew of the row before is replaced. Rows that refer to it can be written meanwhile: the
 * ORM's own lock would keep them from it, and postings of an item from their commit.
 */
export async function findOwned<E extends object>(
  em: EntityManager,
  organizationId: number,
  entity: EntityClass<E>,
  condition: UniqueCondition<E>,
): Promise<E | null> {
  const [[property, value], ...others] = Object.entries(condition) as [
    [string, number | string],
    ...unknown[],
  ];
  if (others.length > 0) throw new Error('A row is found by one value');
  const statement = lockStatement(em, entity, property);
  const [row] = await run(em, organizationId, statement, [value]);
  // What comes from a row is what the ORM would make of it: only its types do not know.
  return row ? (em.merge(entity, row as never, { refresh: true }) as E) : null;
}

/** Writes what is pending; a unique key that is taken becomes the refusal that the caller expects. */
export async function flushUnique(em: EntityManager, refusal: () => DomainError): Promise<void> {
  try {
    await em.flush();
  } catch (error) {
    throw error instanceof UniqueConstraintViolationException ? refusal() : error;
  }
}

/** @throws VersionConflict with the row as it is, when the caller knows another version of it. */
export function refuseOtherVersion(
  em: EntityManager,
  entity: object & { readonly version: number },
  ifVersion: number | null | undefined,
): void {
  if (typeof ifVersion !== 'number' || ifVersion === entity.version) return;
  const current = rowOf(em, entity);
  throw new VersionConflict(entity.constructor.name, current, ['input', 'ifVersion']);
}

/** Now, but later than a time, also after the clock was set back: the version rises with it. */
export const laterThan = (time: Date): Date => new Date(Math.max(Date.now(), time.getTime() + 1));
