import { isKeepable } from '../input.ts';

/** Makes the opaque id by which clients know a row: unique over all types. */
export function encodeGlobalId(type: string, id: number): string {
  // Letters, digits and a colon make no character in which base64 and base64url differ.
  const text = btoa(`${type}:${id}`);
  // Its end is cut by hand: a page of rows has hundreds of ids, and a pattern takes as long as the rest.
  const end = text.indexOf('=', text.length - 2);
  return end < 0 ? text : text.slice(0, end);
}

/** Reads an opaque id; null for anything that `encodeGlobalId` did not make. */
export function decodeGlobalId(globalId: string): { type: string; id: number } | null {
  const [, type, digits] = /^([A-Za-z]+):([1-9]\d{0,15})$/.exec(decode(globalId)) ?? [];
  if (!type || !digits) return null;
  const id = Number(digits);
  return encodeGlobalId(type, id) === globalId ? { type, id } : null;
}

/** An id that no row has: what a malformed or foreign id stands for, so that both look alike. */
const NO_ID = 0;

/** The key in an id that must be of one type; `NO_ID` when it is not. */
export function keyOf(type: string, globalId: string): number {
  const decoded = decodeGlobalId(globalId);
  return decoded?.type === type ? decoded.id : NO_ID;
}

/** A reference by an id of a type, or by a text that names the row: no row has one that no database keeps. */
export function referenceOf<T extends object>(
  type: string,
  by: { readonly id?: string | null | undefined },
  text: string | null | undefined,
  named: (text: string) => T,
): { readonly id: number } | T {
  if (typeof by.id === 'string') return { id: keyOf(type, by.id) };
  return typeof text === 'string' && isKeepable(text) ? named(text) : { id: NO_ID };
}

const decode = (text: string): string => Buffer.from(text, 'base64url').toString('latin1');
