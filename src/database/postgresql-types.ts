type Parse = (text: string) => unknown;

/** `2020-09-13 12:26:40.3+00` as a Date; the offset of the session's zone may lack its minutes. */
const timestamp: Parse = (text) => {
  const iso = `${text.slice(0, 10)}T${text.slice(11)}`;
  return new Date(/[+-]\d\d$/.test(iso) ? `${iso}:00` : iso);
};
const boolean: Parse = (text) => text === 't';
const asIs: Parse = (text) => text;

const PARSERS: Readonly<Record<number, Parse>> = {
  16: boolean,
  20: Number,
  21: Number,
  23: Number,
  114: JSON.parse,
  700: Number,
  701: Number,
  1184: timestamp,
  3802: JSON.parse,
};

/** How the runner reads PostgreSQL's types; keyed by object id. Quantities are bounded, so that a number holds them exactly. */
export const postgresqlTypes = { getTypeParser: (id: number): Parse => PARSERS[id] ?? asIs };
