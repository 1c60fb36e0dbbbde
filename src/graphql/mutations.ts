import type { FieldMap, InputRef, InterfaceRef, ObjectFieldBuilder } from '@pothos/core';
import type { GraphQLResolveInfo } from 'graphql';
import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { inTransaction } from '../database/transaction.ts';
import type { DomainError } from '../errors.ts';
import { builder, type SchemaTypes } from './builder.ts';
import { asAnswer, type RefusalClass, refusalRef } from './refusals.ts';

type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>;

/** What a mutation's service works with. */
export interface Change {
  readonly em: EntityManager;
  readonly viewer: Viewer;
}

interface ChangeOptions<I, S extends object> {
  readonly description: string;
  readonly input: InputRef<I>;
  /** Everything that the service may refuse with; anything else it throws is a fault. */
  readonly refusals: readonly RefusalClass[];
  readonly success: {
    readonly description: string;
    readonly interfaces?: readonly InterfaceRef<Types, S>[];
    readonly fields?: (t: ObjectFieldBuilder<Types, S>) => FieldMap;
  };
  /** Does it, in the transaction of the EntityManager. */
  readonly resolve: (input: I, change: Change) => Promise<S>;
  /**
   * Does it, and commits it before it answers, in whichever transaction it chooses: the EntityManager
   * has none. Asked instead of `resolve` where the operation is no unit of work; one that is missing
   * is `resolve` in a transaction of the field's own.
   */
  readonly resolveAndCommit?: (input: I, change: Change) => Promise<S>;
}

/**
 * Adds a mutation: one `input`, one transaction, and a union of what it gives with what it refuses.
 * A refusal rolls the transaction back and is the field's answer.
 */
export function changeField<I, S extends object>(name: string, options: ChangeOptions<I, S>): void {
  const title = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  const success = builder.objectRef<S>(`${title}Success`);
  builder.objectType(success, {
    description: options.success.description,
    ...(options.success.interfaces && { interfaces: [...options.success.interfaces] }),
    ...(options.success.fields && { fields: options.success.fields }),
  } as never);
  const result = builder.unionType(`${title}Result`, {
    description: `What \`${name}\` answers: its success, or why it was refused.`,
    types: [success, ...options.refusals.map(refusalRef)] as never,
    resolveType: ((value: object) =>
      '__typename' in value ? value.__typename : `${title}Success`) as never,
  });
  builder.mutationField(name, (t) =>
    t.field({
      type: result,
      nullable: true,
      description: options.description,
      args: { input: t.arg({ type: options.input, required: true, description: INPUT }) },
      resolve: (async (
        _root: unknown,
        { input }: { input: I },
        context: SchemaTypes['Context'],
        { path }: GraphQLResolveInfo,
      ) => {
        const { em, viewer, loaders, unit } = context;
        const { resolve, resolveAndCommit } = options;
        const work = (own: EntityManager) => resolve(input, { em: own, viewer });
        try {
          if (unit) return await unit.run(String(path.key), em, work);
          if (resolveAndCommit) return await resolveAndCommit(input, { em, viewer });
          return await inTransaction(em, work);
        } catch (error) {
          if (!options.refusals.some((refusal) => error instanceof refusal)) throw error;
          return asAnswer(error as DomainError);
        } finally {
          loaders.clear();
        }
      }) as never,
    }),
  );
}

const INPUT = 'What to do.';
