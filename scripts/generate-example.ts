import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as typedDocumentNode from '@graphql-codegen/typed-document-node';
import * as typescriptOperations from '@graphql-codegen/typescript-operations';
import { lexicographicSortSchema, parse, printSchema } from 'graphql';
import { schema } from '../src/graphql/schema.ts';

const EXAMPLE = join(import.meta.dirname, '../examples/typescript');

/** Where the example's types are kept. */
export const OPERATIONS_FILE = join(EXAMPLE, 'operations.ts');

const CONFIG = {
  documentMode: 'string',
  useTypeImports: true,
  enumType: 'string-literal',
  scalars: {
    Date: 'string',
    DateTime: 'string',
    Decimal: 'string',
    JSON: 'unknown',
    SafeInt: 'number',
  },
};

/** The types of the example's operations, as the schema has them now. */
export async function operationsText(): Promise<string> {
  const location = join(EXAMPLE, 'operations.graphql');
  const document = parse(await readFile(location, 'utf8'));
  const code = await codegen({
    filename: OPERATIONS_FILE,
    schema: parse(printSchema(lexicographicSortSchema(schema))),
    documents: [{ location, document }],
    config: CONFIG,
    plugins: [{ operations: {} }, { documents: {} }],
    pluginMap: { operations: typescriptOperations, documents: typedDocumentNode },
  });
  return `// Generated from operations.graphql by \`npm run example:generate\`: do not edit.\n${code}`;
}

if (import.meta.main) await writeFile(OPERATIONS_FILE, await operationsText());
