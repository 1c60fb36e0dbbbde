import type { FieldMap, ObjectFieldBuilder, ObjectRef } from '@pothos/core';
import {
  AlreadyExists,
  type DomainError,
  ERROR_CODES,
  InvalidInput,
  InvalidState,
  NotFound,
  VersionConflict,
} from '../errors.ts';
import { builder, type SchemaTypes } from './builder.ts';
import { asNode } from './nodes.ts';

type Types = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>;
// biome-ignore lint/suspicious/noExplicitAny: a constructor of any refusal, whatever it takes
export type RefusalClass<T extends DomainError = DomainError> = abstract new (...args: any[]) => T;

const ErrorCodeType = builder.enumType('ErrorCode', {
  description: 'Why something was refused.',
  values: Object.fromEntries(
    Object.entries(ERROR_CODES).map(([code, description]) => [code, { description }]),
  ) as { [K in keyof typeof ERROR_CODES]: { description: string } },
});

/** What every refusal is. */
export const ErrorInterface = builder.interfaceRef<DomainError>('Error').implement({
  description: 'A refusal: what was asked for cannot be, and nothing of it was done.',
  fields: (t) => ({
    code: t.field({
      type: ErrorCodeType,
      description: 'Tells refusals apart in programs.',
      resolve: (error) => error.code,
    }),
    message: t.exposeString('message', { description: 'Says in English what is wrong.' }),
    path: t.stringList({
      nullable: true,
      description: 'Where in the arguments the reason lies; null when it is not at one place.',
      resolve: (error) => (error.path ? [...error.path] : null),
    }),
  }),
});

/** A refusal as data: GraphQL takes whatever is an Error for a failure of the field. */
export const asAnswer = (refusal: DomainError): DomainError =>
  ({ ...refusal, message: refusal.message, __typename: refusal.constructor.name }) as never;

const refs = new Map<RefusalClass, ObjectRef<Types, DomainError>>();

/** Gives a refusal its GraphQL type, named like its class. */
export function refusalType<T extends DomainError>(
  refusal: RefusalClass<T>,
  options: {
    readonly description: string;
    readonly fields?: (t: ObjectFieldBuilder<Types, T>) => FieldMap;
  },
): void {
  const ref = builder.objectRef<T>(refusal.name);
  refs.set(refusal, ref as unknown as ObjectRef<Types, DomainError>);
  builder.objectType(ref, {
    description: options.description,
    interfaces: [ErrorInterface] as never,
    ...(options.fields && { fields: options.fields }),
  });
}

/** The GraphQL type of a refusal. */
export function refusalRef(refusal: RefusalClass): ObjectRef<Types, DomainError> {
  const ref = refs.get(refusal);
  if (!ref) throw new Error(`${refusal.name} has no GraphQL type`);
  return ref;
}

refusalType(InvalidInput, { description: 'A value in the input cannot be used.' });
refusalType(NotFound, {
  description: 'Something that the input refers to does not exist, or is not yours to see.',
});
refusalType(AlreadyExists, { description: 'Another row already has this name, code or SKU.' });
refusalType(InvalidState, {
  description: 'What the input refers to is in a state that does not allow it.',
});
refusalType(VersionConflict, {
  description: 'The row was changed since the version that the caller knows.',
  fields: (t) => ({
    current: t.field({
      type: builder.nodeInterfaceRef(),
      description: 'The row as it is now.',
      resolve: (error) => asNode(error.entity, error.current),
    }),
  }),
});
