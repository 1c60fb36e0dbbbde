import type { EntityManager } from '../database/entity-manager.ts';
import { flushUnique, laterThan } from '../database/owned.ts';
import { type Row, rowOf } from '../database/rows.ts';
import type { DomainError } from '../errors.ts';
import { difference, record } from './journal.service.ts';

/** Whose data changes, and who changes it. */
interface Actor {
  readonly organizationId: number;
  readonly userId: number;
}

/** A managed row that a service has changed in memory. */
interface RowChange<E> {
  readonly entity: E;
  /** The row as it was. */
  readonly before: Row<E>;
  /** What is compared. */
  readonly properties: readonly (keyof Row<E> & string)[];
  readonly action: string;
  /** What differs in rows that belong to it; null for nothing. */
  readonly besides?: Readonly<Record<string, unknown>> | null;
  /** What it means when a unique key is taken. */
  readonly taken?: () => DomainError;
}

/**
 * Writes what a service changed of a row, and records what differs; where nothing does, nothing.
 * @returns the row as it is now.
 */
export async function saveChange<E extends object & { id: number; updatedAt: Date }>(
  em: EntityManager,
  { organizationId, userId }: Actor,
  { entity, before, properties, action, besides, taken }: RowChange<E>,
): Promise<Row<E>> {
  const differs = difference(before, rowOf(em, entity), properties);
  if (!differs && !besides) return before;
  entity.updatedAt = laterThan(entity.updatedAt);
  await (taken ? flushUnique(em, taken) : em.flush());
  const subject = { subjectType: entity.constructor.name, subjectId: entity.id };
  const changes = { ...differs, ...besides };
  await record(em, organizationId, [{ action, actorId: userId, ...subject, changes }]);
  return rowOf(em, entity);
}
