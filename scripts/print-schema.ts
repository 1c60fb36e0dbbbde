import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { schema } from '../src/graphql/schema.ts';

/** Where the schema is kept for whoever writes or generates a client. */
export const SCHEMA_FILE = join(import.meta.dirname, '..', 'schema.graphql');

/** The schema as the code has it, sorted so that a change shows where it was made and nowhere else. */
export const schemaText = `${printSchema(lexicographicSortSchema(schema))}\n`;

if (import.meta.main) await writeFile(SCHEMA_FILE, schemaText);
