import graphqlPlugin from '@graphql-eslint/eslint-plugin';
import { expect, test } from '@jest/globals';
import { ESLint, type Linter } from 'eslint';
import { schemaText } from '../scripts/print-schema.ts';

/**
 * What Relay and readers need. One part of a rule cannot hold, that lists are of edges only: plain
 * lists are what is no page (the lines of a refusal, the lots that expired, the values of an input), and
 * every connection has `nodes` beside its `edges`.
 */
const RULES: Linter.RulesRecord = {
  '@graphql-eslint/relay-arguments': 'error',
  '@graphql-eslint/relay-connection-types': 'error',
  '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false }],
  '@graphql-eslint/relay-page-info': 'error',
  '@graphql-eslint/require-description': [
    'error',
    {
      types: true,
      DirectiveDefinition: true,
      EnumValueDefinition: true,
      FieldDefinition: true,
      InputValueDefinition: true,
    },
  ],
};

test('schema.graphql keeps the rules of Relay, and describes everything', async () => {
  expect(await lint(schemaText)).toEqual([]);
});

/** For each rule a change of the schema that breaks it. */
const FAULTS: [rule: string, find: RegExp, replace: string][] = [
  ['relay-arguments', /first: Int\n/, 'first: String\n'],
  [
    'relay-connection-types',
    /(type TagConnection \{[^}]*)pageInfo: PageInfo!/,
    '$1page: PageInfo!',
  ],
  ['relay-edge-types', /(type TagEdge \{[^}]*)cursor: String!/, '$1place: String!'],
  ['relay-page-info', /hasNextPage: Boolean!/, 'hasNextPage: Boolean'],
  ['require-description', /"""The new tag."""/, ''],
];

test.each(FAULTS)('%s finds what breaks it', async (rule, find, replace) => {
  const broken = schemaText.replace(find, replace);
  expect(broken).not.toBe(schemaText);

  expect(await lint(broken)).toEqual([expect.stringContaining(`@graphql-eslint/${rule}`)]);
});

/** What ESLint has to say of a schema. */
async function lint(schema: string): Promise<string[]> {
  const eslint = new ESLint({
    overrideConfigFile: true,
    overrideConfig: {
      files: ['**/*.graphql'],
      languageOptions: {
        parser: graphqlPlugin.parser as Linter.Parser,
        parserOptions: { graphQLConfig: { schema } },
      },
      plugins: { '@graphql-eslint': graphqlPlugin as ESLint.Plugin },
      rules: RULES,
    },
  });
  const results = await eslint.lintText(schema, { filePath: 'schema.graphql' });
  return results.flatMap(({ messages }) =>
    messages.map(({ ruleId, line, message }) => `${ruleId} in line ${line}: ${message}`),
  );
}
