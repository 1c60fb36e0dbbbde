import type { EntityClass } from '@mikro-orm/core';
import type { GraphQLField } from 'graphql';
import type { Context } from '../context.ts';
import type { Connection } from './connection.ts';
import type { PagesPlan, PagesRead } from './connections.ts';
import type { PageRead } from './list-reader.ts';

/** A row as a plan handles it: of any entity, perhaps with some of its properties only. */
export type AnyRow = Readonly<Record<string, unknown>> & { readonly id: number };

/**
 * What a field is, for whoever reads the schema as a plan. What a mark does not say, only the field's
 * resolver knows.
 */
export type FieldMark =
  | { readonly kind: 'id' }
  | { readonly kind: 'column'; readonly property: string }
  /** Units of a property, less those of another, with the decimals of the item at a relation. */
  | {
      readonly kind: 'quantity';
      readonly of: string;
      readonly less?: string | undefined;
      readonly item?: string | undefined;
    }
  /** The row at the other end of a to-one relation. */
  | { readonly kind: 'relation'; readonly property: string; readonly target: EntityClass<object> }
  /** A row that is named by the field's arguments. */
  | {
      readonly kind: 'find';
      readonly target: EntityClass<object>;
      readonly by: (args: Record<string, unknown>) => UniqueValue;
    }
  /** A row that the field's resolver finds. */
  | { readonly kind: 'lookup'; readonly entity: string }
  /** Parts of a row, as a plain list. */
  | { readonly kind: 'parts'; readonly entity: string }
  /** A text of each of a row's parts, as a plain list. */
  | { readonly kind: 'texts'; readonly entity: string }
  | {
      readonly kind: 'page';
      readonly entity: EntityClass<object>;
      /** The relation of the listed rows that leads back to the parent, where there is one. */
      readonly by?: string | undefined;
      /** Reads the page of a list of all; a list of a parent's rows has `connectAll` instead. */
      readonly connect?: Connect;
      readonly connectAll?: ConnectAll;
    }
  /** A value that the field's resolver derives for each row, from some of its properties. */
  | { readonly kind: 'sum'; readonly entity: string; readonly needs: readonly string[] };

/** A value of a property that no two rows of an organization share. */
export interface UniqueValue {
  readonly property: string;
  readonly value: number | string;
  /** The entity that has the property, and its relation to the row, where the row has it not itself. */
  readonly via?: { readonly entity: EntityClass<object>; readonly relation: string };
}

/** Reads a page of a list. */
export type Connect = (context: Context, read: PageRead) => Promise<Connection>;

/** Says how the same page of several parents' lists is read. */
export type ConnectAll = (context: Context, read: PagesRead) => PagesPlan;

/** Records on a field what it is. */
export const mark = (fieldMark: FieldMark) => ({ extensions: { quartermaster: fieldMark } });

/** What a field is marked as. */
export const markOf = (field: GraphQLField<unknown, unknown>): FieldMark | undefined =>
  field.extensions['quartermaster'] as FieldMark | undefined;

/** Leaves a field without a mark: only its resolver may answer it. */
export function unmark(field: GraphQLField<unknown, unknown>): void {
  const { quartermaster: _, ...others } = field.extensions;
  field.extensions = others;
}
