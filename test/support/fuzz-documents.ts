import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isUnionType,
} from 'graphql';

/** An operation that is valid or nearly so. */
export interface FuzzedOperation {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/** Texts that have surprised somebody before. */
const TEXTS = [
  ...[
    '',
    ' ',
    'BOLT',
    'bolt',
    'A',
    'x',
    '0',
    '-1',
    '1e9',
    'NaN',
    'null',
    '\u0000',
    '\ud800',
    '\u202e',
  ],
  ...["' or '1'='1", "'; drop table items; --", '%', '_', '\\', '$1', '?', '"', '`', '{{x}}'],
  ...['İ', 'ß', 'ﬁ', '😀', 'é', '\n\r\t', '<script>', '../../etc', '__proto__', 'constructor'],
  ...['SXRlbTox', 'TG9jYXRpb246MQ==', 'VGFnOjE=', 'SXRlbTo5OTk5OTk5OTk5OTk5OTk5OTk='],
  ...['2026-11-22', '2026-11-22T09:30:00Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59.999Z'],
  ...['2026-02-30', 'Europe/Berlin', 'UTC', 'x'.repeat(201), 'y'.repeat(10_001)],
];

const NUMBERS = [0, 1, -1, 2, 7, 100, 101, 2_147_483_647, 2_147_483_648, -2_147_483_648, 1.5];
const LARGE = [9_007_199_254_740_991, 9_007_199_254_740_992, 1e308, -0];
const DECIMALS = [
  '1',
  '0',
  '-1',
  '1.25',
  '0.000001',
  '0.0000001',
  '9007199254740991',
  '1e3',
  '00',
  '.5',
];

const ODD: readonly unknown[] = [null, true, 7, 'odd', [], {}, [[]], [null], { a: 1 }];

/** What a tame operation has for each scalar; for a text that nothing here fits, any of `TEXTS`. */
const TAME: Readonly<Record<string, readonly unknown[]>> = {
  Int: [1, 2, 7, 100],
  Float: [1, 2.5],
  SafeInt: [0, 1, 2, 5],
  Decimal: ['1', '1.25', '0.01', '3', '100'],
  Date: ['2026-11-22', '2027-01-01', '2020-02-29'],
  DateTime: ['2026-11-22T09:30:00Z', '2030-01-01T00:00:00+02:00', '2020-01-01T00:00:00Z'],
  ID: [
    'SXRlbTox',
    'TG9jYXRpb246MQ',
    'TG9jYXRpb246Nw',
    'VGFnOjE',
    'Q2F0ZWdvcnk6MQ',
    'TW92ZW1lbnQ6MQ',
  ],
  JSON: [{ a: 1 }, ['x'], 'text', 7, true],
};

/** Texts for fields and arguments of some names. */
const NAMED: Readonly<Record<string, readonly unknown[]>> = {
  sku: ['BOLT', 'bolt', 'S1', 'S2'],
  code: ['A', 'SUPPLIER', 'CUSTOMER', 'L1'],
  after: [null],
  before: [null],
  last: [null],
  timeZone: ['UTC', 'Europe/Berlin', 'Asia/Kathmandu'],
};

/** How deep selections and inputs go at most. */
const DEPTH = 5;

/** Makes operations from a schema by chance. */
export class OperationMaker {
  readonly #schema: GraphQLSchema;
  readonly #random: () => number;
  #variables: Record<string, unknown> = {};
  #declared: string[] = [];
  #aliases = 0;
  /** Whether it may have mistakes; else it is valid, as far as the schema tells. */
  #isWild = false;

  /** @param random numbers from 0 to 1. */
  constructor(schema: GraphQLSchema, random: () => number) {
    this.#schema = schema;
    this.#random = random;
  }

  make(): FuzzedOperation {
    this.#variables = {};
    this.#declared = [];
    this.#aliases = 0;
    this.#isWild = this.#random() < 0.4;
    const kind = this.#chance(0.4) ? 'mutation' : 'query';
    const root = kind === 'query' ? this.#schema.getQueryType() : this.#schema.getMutationType();
    if (!root) throw new Error(`The schema has no ${kind}`);
    const body = this.#selection(root, kind === 'query' ? 3 : 1, 0);
    const variables = this.#declared.length > 0 ? `(${this.#declared.join(', ')})` : '';
    const directives = kind === 'query' ? ['@snapshot'] : ['@atomic', '@dryRun'];
    if (this.#isWild) directives.push('@skip(if: true)', '@nothing');
    const directive = this.#chance(0.15) ? this.#one(directives) : '';
    return { query: `${kind} ${variables} ${directive} ${body}`, variables: this.#variables };
  }

  #chance = (share: number): boolean => this.#random() < share;
  /** Whether a mistake is made here. */
  #slips = (share: number): boolean => this.#isWild && this.#chance(share);
  #one = <T>(values: readonly T[]): T => values[Math.floor(this.#random() * values.length)] as T;

  #selection(type: GraphQLNamedType, most: number, depth: number): string {
    if (isUnionType(type)) {
      const parts = type.getTypes().filter(() => this.#chance(0.6));
      const on = parts.map((each) => `... on ${each} ${this.#selection(each, 3, depth + 1)}`);
      return `{ __typename ${on.join(' ')} }`;
    }
    if (!isObjectType(type) && !isInterfaceType(type)) return '{ __typename }';
    const fields = Object.values(type.getFields());
    const count = 1 + Math.floor(this.#random() * most);
    const texts = Array.from({ length: count }, () => this.#field(this.#one(fields), depth));
    if (this.#slips(0.05)) texts.push(this.#one(MISTAKEN));
    return `{ ${texts.join(' ')} }`;
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string {
    this.#aliases += 1;
    const given = field.args.filter((each) => isRequiredArgument(each) || this.#chance(0.3));
    const args = given.map((each) => this.#argument(each)).join(', ');
    // Without an alias of its own a field may meet another of its name, which has to be the same.
    const alias = this.#slips(0.5) ? '' : `a${this.#aliases}: `;
    return `${alias}${field.name}${args && `(${args})`} ${this.#below(field.type, depth)}`;
  }

  #below(type: GraphQLOutputType, depth: number): string {
    const named = getNamedType(type);
    if (isLeafType(named)) return this.#slips(0.02) ? '{ id }' : '';
    if (depth >= DEPTH) return this.#slips(0.02) ? '' : '{ __typename }';
    return this.#selection(named, 4, depth + 1);
  }

  #argument({ name, type }: GraphQLArgument): string {
    const value = this.#value(name, type, 0);
    if (this.#chance(0.4)) return `${name}: ${literal(value, type)}`;
    const variable = `v${this.#declared.length}`;
    this.#declared.push(`$${variable}: ${this.#slips(0.05) ? 'String' : type}`);
    if (!this.#slips(0.05)) this.#variables[variable] = value;
    return `${name}: $${variable}`;
  }

  #value(name: string, type: GraphQLInputType, depth: number): unknown {
    if (this.#slips(0.05)) return this.#one(ODD);
    if (isNonNullType(type)) return this.#present(name, type.ofType, depth);
    return this.#chance(0.03) ? null : this.#present(name, type, depth);
  }

  #present(name: string, type: GraphQLInputType, depth: number): unknown {
    if (isListType(type)) {
      const length = Math.floor(this.#random() * 4);
      return Array.from({ length }, () => this.#value(name, type.ofType, depth + 1));
    }
    if (isEnumType(type)) return this.#slips(0.05) ? 'NOTHING' : this.#one(type.getValues()).name;
    if (!isInputObjectType(type)) return this.#scalar(name, getNamedType(type).name);
    const fields = Object.values(type.getFields());
    const share = depth > DEPTH ? 0 : 0.25;
    const chosen = type.isOneOf
      ? [this.#one(fields)]
      : fields.filter((each) => isRequiredInputField(each) || this.#chance(share));
    // What is one of several must not be null.
    const value = (each: GraphQLInputField) =>
      type.isOneOf
        ? this.#present(each.name, each.type, depth + 1)
        : this.#value(each.name, each.type, depth + 1);
    return Object.fromEntries(chosen.map((each) => [each.name, value(each)]));
  }

  #scalar(name: string, type: string): unknown {
    if (type === 'Boolean') return this.#chance(0.5);
    if (!this.#isWild || this.#chance(0.5)) {
      const tame = NAMED[name] ?? TAME[type];
      if (tame) return this.#one(tame);
    }
    if (type === 'Int' || type === 'Float') return this.#one(NUMBERS);
    if (type === 'SafeInt') return this.#one([...NUMBERS, ...LARGE]);
    if (type === 'Decimal') return this.#one([...DECIMALS, ...TEXTS]);
    if (type === 'JSON') return this.#one([...ODD, { a: { b: [1, 'x'] } }, ...TEXTS, ...LARGE]);
    return this.#chance(0.5) ? `t${Math.floor(this.#random() * 50)}` : this.#one(TEXTS);
  }
}

const MISTAKEN = ['nothing', '... on Item { id }', '...Missing', '__typename'];

/** A value as a document has it. Enums have no quotes; where they are, what is odd stays odd. */
function literal(value: unknown, type: GraphQLInputType): string {
  if (Array.isArray(value)) {
    const inner = isNonNullType(type) ? type.ofType : type;
    const of = isListType(inner) ? inner.ofType : type;
    return `[${value.map((each) => literal(each, of)).join(', ')}]`;
  }
  const named = getNamedType(type);
  if (typeof value === 'object' && value !== null) {
    const fields = isInputObjectType(named) ? named.getFields() : {};
    const texts = Object.entries(value).map(
      ([name, each]) => `${name}: ${literal(each, fields[name]?.type ?? type)}`,
    );
    return `{${texts.join(', ')}}`;
  }
  return isEnumType(named) && typeof value === 'string' ? value : JSON.stringify(value);
}
