import { GraphQLError, Kind, print, type ValueNode, valueFromASTUntyped } from 'graphql';
import { DECIMAL_PATTERN } from '../database/quantity.ts';
import { builder } from './builder.ts';

/** Longest text of a decimal number: more digits than any quantity can have. */
const DECIMAL_LENGTH = 40;

builder.scalarType('Decimal', {
  description:
    'A decimal number as text, such as "12" or "1.25": digits, perhaps a sign and a fraction, no ' +
    'exponent. Answers have no trailing zeros. Never rounded.',
  serialize: (value) => value,
  parseValue: (value) => {
    if (
      typeof value === 'string' &&
      value.length <= DECIMAL_LENGTH &&
      DECIMAL_PATTERN.test(value)
    ) {
      return value;
    }
    throw new GraphQLError(
      `Decimal cannot represent ${show(value)}: expected text such as "1.25".`,
    );
  },
});

const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;

builder.scalarType('Date', {
  description: 'A day of the calendar, such as "2026-11-22".',
  serialize: (value) => value,
  parseValue: (value) => {
    const [text, year, month, day] = DATE.exec(String(value)) ?? [];
    if (typeof value === 'string' && text && isDay(Number(year), Number(month), Number(day))) {
      return text;
    }
    throw new GraphQLError(
      `Date cannot represent ${show(value)}: expected text such as "2026-11-22".`,
    );
  },
});

const DATE_TIME =
  /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

builder.scalarType('DateTime', {
  description:
    'A moment as RFC 3339 writes it, such as "2026-11-22T09:30:00Z", to the millisecond.',
  serialize: (value) => value.toISOString(),
  parseValue: (value) => {
    const [text, year, month, day] = DATE_TIME.exec(String(value)) ?? [];
    if (typeof value === 'string' && text && isDay(Number(year), Number(month), Number(day))) {
      return new Date(text);
    }
    throw new GraphQLError(
      `DateTime cannot represent ${show(value)}: expected text such as "2026-11-22T09:30:00Z".`,
    );
  },
});

/** Whether a calendar has this day: Date itself takes 30 February for 2 March. */
function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

const EXPECTED_SAFE = `expected a whole number, as far as ${Number.MAX_SAFE_INTEGER} from zero`;

builder.scalarType('SafeInt', {
  description: 'A whole number that JavaScript counts exactly: up to 9,007,199,254,740,991.',
  serialize: (value) => value,
  parseValue: (value) => {
    if (Number.isSafeInteger(value)) return Number(value);
    throw new GraphQLError(`SafeInt cannot represent ${show(value)}: ${EXPECTED_SAFE}.`);
  },
  parseLiteral: (node) => {
    const value = node.kind === Kind.INT ? Number(node.value) : undefined;
    if (Number.isSafeInteger(value)) return Number(value);
    throw new GraphQLError(`SafeInt cannot represent ${print(node)}: ${EXPECTED_SAFE}.`, {
      nodes: node,
    });
  },
});

builder.scalarType('JSON', {
  description: 'Any JSON value.',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node: ValueNode, variables) => valueFromASTUntyped(node, variables),
});

/** A value as an error message shows it: short, and never more than its own start. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
