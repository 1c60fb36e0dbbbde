import type { InputRef } from '@pothos/core';
import { foldKey } from '../database/key.ts';
import { MAX_DECIMALS, unitsBelow } from '../database/quantity.ts';
import type { Value } from '../database/statement-values.ts';
import { isKeepable } from '../input.ts';
import { badRequest } from './bad-request.ts';
import { builder } from './builder.ts';
import type { WhereWriter } from './where.ts';

/** How a value is compared. What an input gives for one of them is never null. */
const OPERATORS = {
  eq: 'Exactly this.',
  ne: 'Anything but this; nothing at all too.',
  in: 'One of these.',
  lt: 'Less than this.',
  lte: 'This or less.',
  gt: 'More than this.',
  gte: 'This or more.',
  startsWith: 'Text that begins so.',
  isNull: 'Whether there is none.',
} as const;
type Operator = keyof typeof OPERATORS;

const COMPARED: Readonly<Partial<Record<Operator, string>>> = {
  eq: '=',
  ne: '<>',
  lt: '<',
  lte: '<=',
  gt: '>',
  gte: '>=',
};

/** Most values of an `in`. */
const MAX_VALUES = 500;

/** What a client gives for a filter: some operators with their values. */
export type Comparison = Readonly<Partial<Record<Operator, unknown>>>;

/** What is compared: SQL, and how values are written for it. */
export interface Compared {
  readonly sql: string;
  readonly nullable: boolean;
  readonly type: 'bigint' | 'text';
  /** A value as the database keeps it. */
  readonly encode: (value: never) => Value;
}

const types = new Map<string, InputRef<Comparison>>();

function filterType(
  of: { readonly name: string; readonly what: string; readonly type: object | string },
  operators: readonly Operator[],
): InputRef<Comparison> {
  const name = `${of.name}Filter`;
  const known = types.get(name);
  if (known) return known;
  const made = builder.inputRef<Comparison>(name).implement({
    description: `Conditions on ${of.what}; all that are given hold.`,
    fields: (t) =>
      Object.fromEntries(
        operators.map((operator) => {
          const type = operator === 'isNull' ? 'Boolean' : of.type;
          const listed = operator === 'in' ? [type] : type;
          return [operator, t.field({ type: listed as never, description: OPERATORS[operator] })];
        }),
      ) as never,
  });
  types.set(name, made);
  return made;
}

const ORDERED = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte', 'isNull'] as const;

export const idFilter = () =>
  filterType({ name: 'Id', what: 'an id', type: 'ID' }, ['eq', 'ne', 'in']);
export const textFilter = () =>
  filterType({ name: 'Text', what: 'a text', type: 'String' }, ['in', 'startsWith', ...ORDERED]);
export const numberFilter = () =>
  filterType({ name: 'Number', what: 'a whole number', type: 'SafeInt' }, ['in', ...ORDERED]);
export const timeFilter = () =>
  filterType({ name: 'DateTime', what: 'a moment', type: 'DateTime' }, ORDERED);
export const dateFilter = () => filterType({ name: 'Date', what: 'a day', type: 'Date' }, ORDERED);
export const quantityFilter = () =>
  filterType({ name: 'Decimal', what: 'a quantity', type: 'Decimal' }, ORDERED);
export const enumFilter = (type: { readonly name: string }) =>
  filterType({ name: type.name, what: `a ${type.name}`, type }, ['eq', 'ne', 'in']);

/** A text as a column keeps it: folded, or as it is. */
export const encodeText =
  (folded: boolean, writer: WhereWriter) =>
  (text: string): string => {
    if (!isKeepable(text)) throw badRequest(`\`${writer.path}\` must be Unicode text without NUL.`);
    return folded ? foldKey(text) : text;
  };

/**
 * A comparison as SQL that is true or false, never null: so that `not` of it is all other rows.
 * @throws GraphQLError with the code BAD_REQUEST for a value that cannot be compared.
 */
export const writeComparison = (
  comparison: Comparison,
  compared: Compared,
  writer: WhereWriter,
): string =>
  writer.all(comparison, (operator, value) =>
    writeOperator(operator as Operator, value, compared, writer),
  );

function writeOperator(
  operator: Operator,
  value: unknown,
  compared: Compared,
  writer: WhereWriter,
): string {
  const { sql, nullable, type } = compared;
  const encode = compared.encode as (value: unknown) => Value;
  const known = nullable ? ` and ${sql} is not null` : '';
  switch (operator) {
    case 'isNull':
      return `${sql} is ${value ? '' : 'not '}null`;
    case 'in': {
      const values = listOf(value, writer.path).map(encode) as readonly number[];
      return `(${writer.dialect.isIn(sql, writer.value(values), type)}${known})`;
    }
    case 'startsWith': {
      const prefix = encode(value) as string;
      const end = writer.value(`${prefix}\u{10ffff}`);
      return `(${sql} >= ${writer.value(prefix)} and ${sql} < ${end}${known})`;
    }
    case 'ne': {
      const other = nullable ? ` or ${sql} is null` : '';
      return `(${sql} <> ${writer.value(encode(value))}${other})`;
    }
    default:
      return `(${sql} ${COMPARED[operator]} ${writer.value(encode(value))}${known})`;
  }
}

/** Quantities to compare, as SQL: in the smallest unit, and how many decimals that unit has. */
interface Quantities {
  readonly units: string;
  readonly decimals: string;
}

/**
 * A comparison of quantities that may be of different items: the decimal number that the client gives
 * is brought to each item's smallest unit, exactly, so that nothing is rounded and no float compares.
 */
export const writeQuantities = (
  comparison: Comparison,
  { units, decimals }: Quantities,
  writer: WhereWriter,
): string =>
  writer.all(comparison, (operator, value) => {
    if (operator === 'isNull') return `${units} is ${value ? '' : 'not '}null`;
    const bounds = writer.value(boundsOf(String(value), operator as Operator));
    const bound = writer.dialect.nth(bounds, decimals);
    const compared = `coalesce(${units} ${COMPARED[operator as Operator]} ${bound}, false)`;
    // What a unit cannot express, no quantity in that unit equals.
    return operator === 'ne' ? `(${compared} or ${bound} is null)` : compared;
  });

/** A decimal number in units of 0 to `MAX_DECIMALS` decimals: rounded so that a comparison stays exact. */
function boundsOf(decimal: string, operator: Operator): (number | null)[] {
  return Array.from({ length: MAX_DECIMALS + 1 }, (_, decimals) => {
    const { floor, isExact } = unitsBelow(decimal, decimals);
    if (!isExact && (operator === 'eq' || operator === 'ne')) return null;
    // Below 1.5 are 1 and less, which is all below 2; above it are 2 and more, which is all above 1.
    const roundsUp = operator === 'lt' || operator === 'gte';
    return isExact || !roundsUp ? floor : floor + 1;
  });
}

/** The values of an `in`. */
function listOf(value: unknown, path: string): readonly unknown[] {
  const values = value as readonly unknown[];
  if (values.length <= MAX_VALUES) return values;
  throw badRequest(`\`${path}\` takes at most ${MAX_VALUES} values, got ${values.length}.`);
}
