import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import {
  type GraphQLArgument,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
} from 'graphql';
import { SCHEMA_FILE, schemaText } from '../scripts/print-schema.ts';
import { schema } from '../src/graphql/schema.ts';

test('schema.graphql says what the code does', async () => {
  const kept = await readFile(SCHEMA_FILE, 'utf8');

  if (kept !== schemaText) {
    throw new Error(
      'schema.graphql is not what the code says. Run `npm run schema:print`, look at the difference, and commit it.',
    );
  }
});

/** Anything in a schema that can have a description, under the name that a reader finds it by. */
type Described = readonly [
  name: string,
  described: {
    readonly description?: string | null | undefined;
    readonly deprecationReason?: string | null | undefined;
  },
];

const ofArguments = (owner: string, args: readonly GraphQLArgument[]): Described[] =>
  args.map((argument) => [`${owner}(${argument.name}:)`, argument]);

function within(type: GraphQLNamedType): Described[] {
  if (isObjectType(type) || isInterfaceType(type)) {
    return Object.values(type.getFields()).flatMap((field) => {
      const name = `${type.name}.${field.name}`;
      return [[name, field], ...ofArguments(name, field.args)];
    });
  }
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).map((field) => [`${type.name}.${field.name}`, field]);
  }
  if (isEnumType(type)) {
    return type.getValues().map((value) => [`${type.name}.${value.name}`, value]);
  }
  return [];
}

function everything(): Described[] {
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
  );
  const directives = schema.getDirectives().filter((directive) => !isSpecifiedDirective(directive));
  return [
    ...types.flatMap((type): Described[] => [[type.name, type], ...within(type)]),
    ...directives.flatMap((directive): Described[] => {
      const name = `@${directive.name}`;
      return [[name, directive], ...ofArguments(name, directive.args)];
    }),
  ];
}

test('every type, field, argument, input field, enum value and directive has a description', () => {
  const described = everything();

  const silent = described.filter(([, { description }]) => !description?.trim());

  expect(silent.map(([name]) => name)).toEqual([]);
  expect(described.map(([name]) => name)).toEqual(
    expect.arrayContaining([
      'Item',
      'Item.sku',
      'Query.item(by:)',
      'ItemBy.sku',
      'ErrorCode.NOT_FOUND',
    ]),
  );
});

test('whatever is deprecated says what to use instead', () => {
  const deprecated = everything().filter(([, { deprecationReason }]) => deprecationReason != null);

  const silent = deprecated.filter(
    ([, { deprecationReason }]) => !deprecationReason?.startsWith('Use '),
  );

  expect(silent.map(([name]) => name)).toEqual([]);
});
