import type { GraphQLLeafType } from 'graphql';
import { Unplanned } from './plan.ts';
import { timeText } from './time-text.ts';

/** Writes a value of a leaf type as JSON, as the type serializes it. */
export function leafWriter(type: GraphQLLeafType, nullable: boolean): (value: unknown) => string {
  const write = WRITERS[type.name] ?? ((value) => JSON.stringify(type.serialize(value)));
  return (value) => {
    if (value !== null && value !== undefined) return write(value);
    if (nullable) return 'null';
    throw new Unplanned(`${type.name} is null where it must not be`);
  };
}

/** What JSON writes as it is: nearly all texts. */
const PLAIN = /^[ !#-[\]-~\u00a0-\ud7ff]*$/;

function text(value: unknown): string {
  if (typeof value !== 'string') return unexpected(value);
  return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);
}

/** For the types of which most values are; the others serialize themselves. */
const WRITERS: Readonly<Record<string, (value: unknown) => string>> = {
  String: text,
  Decimal: text,
  Date: text,
  DateTime: (value) => (value instanceof Date ? `"${timeText(value)}"` : unexpected(value)),
  SafeInt: (value) => (Number.isSafeInteger(value) ? String(value) : unexpected(value)),
  JSON: (value) => JSON.stringify(value),
};

function unexpected(value: unknown): never {
  throw new Unplanned(`A leaf cannot be ${typeof value}`);
}
