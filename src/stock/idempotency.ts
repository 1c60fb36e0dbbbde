import { createHash } from 'node:crypto';
import type { EntityManager } from '../database/entity-manager.ts';
import { run, Statement } from '../database/statement.ts';
import { JsonRows } from '../database/statement-values.ts';
import { IdempotencyMismatch } from './stock.errors.ts';

/** A key as its caller sent it, with what it is for. */
export interface KeyedInput {
  readonly key: string;
  readonly input: unknown;
}

const CLAIM = new Statement<{ id: number; key: string }>(
  (dialect) => `insert into idempotency_keys (organization_id, key, input_hash)
    select cast($1 as bigint), key, hash
    from ${dialect.jsonRows('$2', { key: 'text', hash: 'text' })} j
    where true order by key
    on conflict (organization_id, key) do nothing
    returning id as "id", key as "key"`,
);

const FIND = new Statement<{ id: number; key: string; hash: string }>(
  (dialect) => `select id as "id", key as "key", input_hash as "hash" from idempotency_keys
    where organization_id = $1 and ${dialect.isIn('key', '$2', 'text')}`,
);

/** The ids of keys, by key: those that this transaction took, and those that were taken before. */
export interface Claims {
  readonly fresh: ReadonlyMap<string, number>;
  readonly taken: ReadonlyMap<string, number>;
  /** Keys that were taken for another input. */
  readonly mismatched: ReadonlySet<string>;
}

/**
 * Takes idempotency keys for this transaction. A twin that took one first, and has not committed yet,
 * is waited for; after its commit the key counts as taken.
 */
export async function claimKeys(
  em: EntityManager,
  organizationId: number,
  inputs: readonly KeyedInput[],
): Promise<Claims> {
  const hashes = new Map(inputs.map(({ key, input }) => [key, hashInput(input)]));
  if (hashes.size < inputs.length) throw new Error('One call uses an idempotency key twice');
  const keys = [...hashes].map(([key, hash]) => ({ key, hash }));
  const claimed = await run(em, organizationId, CLAIM, [new JsonRows(keys)]);
  const fresh = new Map(claimed.map(({ id, key }) => [key, id]));
  const others = [...hashes.keys()].filter((key) => !fresh.has(key));
  if (others.length === 0) return { fresh, taken: new Map(), mismatched: new Set() };
  const found = await run(em, organizationId, FIND, [others]);
  const mismatched = found.filter(({ key, hash }) => hashes.get(key) !== hash);
  return {
    fresh,
    taken: new Map(found.map(({ id, key }) => [key, id])),
    mismatched: new Set(mismatched.map(({ key }) => key)),
  };
}

/**
 * Takes one idempotency key, as `claimKeys` does.
 * @throws IdempotencyMismatch when it was taken for another input.
 */
export async function claimKey(
  em: EntityManager,
  organizationId: number,
  input: KeyedInput,
): Promise<{ readonly id: number; readonly fresh: boolean }> {
  const { fresh, taken, mismatched } = await claimKeys(em, organizationId, [input]);
  if (mismatched.size > 0) throw new IdempotencyMismatch();
  const id = fresh.get(input.key) ?? taken.get(input.key);
  if (id === undefined) throw new Error('An idempotency key was neither taken nor found');
  return { id, fresh: fresh.has(input.key) };
}

/** The same for equal inputs, whatever the order of their fields. */
function hashInput(input: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(input)))
    .digest('hex');
}

/** A value with its fields in their order, and without those that say nothing. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const fields = value as Readonly<Record<string, unknown>>;
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(fields).sort()) {
    const field = fields[name];
    if (field !== undefined && field !== null) result[name] = sorted(field);
  }
  return result;
}
