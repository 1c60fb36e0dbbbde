import {
  type EntityClass,
  type FilterQuery,
  LockMode,
  UniqueConstraintViolationException,
} from '@mikro-orm/core';
import type { DomainError } from '../errors.ts';
import type { EntityManager } from './entity-manager.ts';

/**
 * The managed row of an organization that meets a condition, locked for a change; null for none.
 * The way for services to load what they change: the organization is part of every condition.
 */
export function findOwned<E extends object>(
  em: EntityManager,
  organizationId: number,
  entity: EntityClass<E>,
  condition: FilterQuery<E>,
): Promise<E | null> {
  const where = { $and: [condition, { organization: organizationId }] };
  const options = { lockMode: LockMode.PESSIMISTIC_WRITE };
  return em.findOne(entity, where as never, options) as Promise<E | null>;
}

/** Writes what is pending; a unique key that is taken becomes the refusal that the caller expects. */
export async function flushUnique(em: EntityManager, refusal: () => DomainError): Promise<void> {
  try {
    await em.flush();
  } catch (error) {
    throw error instanceof UniqueConstraintViolationException ? refusal() : error;
  }
}
