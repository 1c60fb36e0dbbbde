import { ExchangeError } from './exchange.errors.ts';

const PARTS = {
  YYYY: '\\d{4}',
  MM: '\\d{1,2}',
  DD: '\\d{1,2}',
  HH: '\\d{1,2}',
  mm: '\\d{2}',
  ss: '\\d{2}',
};
type Part = keyof typeof PARTS;

const readers = new Map<string, RegExp>();

/**
 * A time in a text as ISO 8601 has it, read as UTC; null when the text is not in that form.
 * @param form such as `DD/MM/YYYY HH:mm`.
 * @throws ExchangeError for a form without a day.
 */
export function readTime(text: string, form: string): string | null {
  const found = readerOf(form).exec(text.trim())?.groups as
    | Partial<Record<Part, string>>
    | undefined;
  if (!found) return null;
  const part = (name: Part): string => (found[name] ?? '0').padStart(2, '0');
  const day = `${found.YYYY}-${part('MM')}-${part('DD')}`;
  return `${day}T${part('HH')}:${part('mm')}:${part('ss')}Z`;
}

function readerOf(form: string): RegExp {
  const known = readers.get(form);
  if (known) return known;
  for (const part of ['YYYY', 'MM', 'DD']) {
    if (!form.includes(part)) throw new ExchangeError(`The time ${form} lacks ${part}.`);
  }
  const literal = form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const pattern = literal.replace(
    /YYYY|MM|DD|HH|mm|ss/g,
    (name) => `(?<${name}>${PARTS[name as Part]})`,
  );
  const reader = new RegExp(`^${pattern}$`);
  readers.set(form, reader);
  return reader;
}
