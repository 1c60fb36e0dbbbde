import {
  type Base,
  CATEGORIES,
  type Cell,
  LOCATIONS,
  SEED,
  type Size,
  TAGS,
  TAGS_PER_ITEM,
  type Table,
} from './dataset-shape.ts';
import { Random } from './random.ts';

/** When the catalogue was made. */
const CREATED = Date.UTC(2025, 0, 1);

const EDITABLE = {
  created_at: 'timestamptz',
  updated_at: 'timestamptz',
  version: 'integer',
} as const;

/** The catalogue and the places; the names are plain ASCII, which folds to lower case. */
export function catalogTables(base: Base, size: Size): Table[] {
  return [locations(base), categories(base), tags(base), items(base, size), itemTags(base, size)];
}

const SITES = 5;
const ZONES = 45;

/** Sites, zones in them, and bins in those. */
function locations({ organization, locations: first }: Base): Table {
  function* rows(): Generator<Cell[]> {
    for (let n = 0; n < LOCATIONS; n += 1) {
      const level = n < SITES ? 0 : n < SITES + ZONES ? 1 : 2;
      const parent = [null, n % SITES, SITES + (n % ZONES)][level] as number | null;
      const code = `${'SZB'[level]}-${String(n + 1).padStart(3, '0')}`;
      const name = `${['Site', 'Zone', 'Bin'][level]} ${n + 1}`;
      const parentId = parent === null ? null : first + 1 + parent;
      yield [
        ...[first + 1 + n, organization, code, code.toLowerCase(), name, name.toLowerCase()],
        ...[n % 100 === 99 ? 'TRANSIT' : 'STORAGE', parentId, CREATED, CREATED, 1],
      ];
    }
  }
  return {
    name: 'locations',
    columns: {
      ...{ id: 'bigint', organization_id: 'bigint', code: 'text', code_key: 'text' },
      ...{ name: 'text', name_key: 'text', kind: 'text', parent_id: 'bigint', ...EDITABLE },
    },
    count: LOCATIONS,
    rows: rows(),
  };
}

const ROOTS = 10;
const BRANCHES = 40;

/** A tree of three levels. */
function categories({ organization }: Base): Table {
  function* rows(): Generator<Cell[]> {
    for (let n = 0; n < CATEGORIES; n += 1) {
      const parent = n < ROOTS ? null : n < ROOTS + BRANCHES ? n % ROOTS : ROOTS + (n % BRANCHES);
      const name = `Category ${n + 1}`;
      const parentId = parent === null ? null : parent + 1;
      yield [
        ...[n + 1, organization, name, name.toLowerCase(), parentId, parentId ?? 0],
        ...[CREATED, CREATED, 1],
      ];
    }
  }
  return {
    name: 'categories',
    columns: {
      ...{ id: 'bigint', organization_id: 'bigint', name: 'text', name_key: 'text' },
      ...{ parent_id: 'bigint', parent_key: 'bigint', ...EDITABLE },
    },
    count: CATEGORIES,
    rows: rows(),
  };
}

function tags({ organization }: Base): Table {
  function* rows(): Generator<Cell[]> {
    for (let n = 1; n <= TAGS; n += 1) {
      yield [n, organization, `Tag ${n}`, `tag ${n}`, CREATED, CREATED, 1];
    }
  }
  return {
    name: 'tags',
    columns: {
      ...{ id: 'bigint', organization_id: 'bigint', name: 'text', name_key: 'text' },
      ...EDITABLE,
    },
    count: TAGS,
    rows: rows(),
  };
}

const FINISHES = ['Brass', 'Steel', 'Oak', 'Glass', 'Nylon', 'Ceramic', 'Copper', 'Rubber'];
const THINGS = ['hinge', 'bracket', 'valve', 'lamp', 'cable', 'bolt', 'filter', 'sensor', 'jar'];
const COLOURS = ['black', 'white', 'red', 'blue', 'green'];

/** Fraction digits, so that most items are pieces and some are weighed or measured. */
const DECIMALS = [0, 0, 0, 0, 0, 0, 0, 0, 2, 3] as const;
const UNITS: Readonly<Record<number, string>> = { 0: 'pcs', 2: 'm', 3: 'kg' };

/** How many fraction digits the quantities of an item have. */
export const decimalsOf = (item: number): number => DECIMALS[item % DECIMALS.length] ?? 0;

function items({ organization }: Base, { items: count }: Size): Table {
  const random = new Random(SEED);
  function* rows(): Generator<Cell[]> {
    for (let id = 1; id <= count; id += 1) {
      const sku = `SKU-${String(id).padStart(7, '0')}`;
      const [finish, thing] = [random.pick(FINISHES), random.pick(THINGS)];
      const name = `${finish} ${thing} ${id}`;
      const decimals = decimalsOf(id);
      const attributes = { colour: random.pick(COLOURS), size: random.below(90) + 10 };
      const description = id % 10 < 7 ? `A ${thing} made of ${finish.toLowerCase()}.` : null;
      const reorderPoint = id % 4 === 0 ? 10 * 10 ** decimals : null;
      const createdAt = CREATED + id * 1000;
      yield [
        ...[id, organization, sku, sku.toLowerCase(), name, name.toLowerCase(), description],
        ...[UNITS[decimals] as string, decimals, 'NONE', JSON.stringify(attributes), reorderPoint],
        ...[random.below(CATEGORIES) + 1, createdAt, createdAt, 1],
      ];
    }
  }
  return {
    name: 'items',
    columns: {
      ...{ id: 'bigint', organization_id: 'bigint', sku: 'text', sku_key: 'text' },
      ...{ name: 'text', name_key: 'text', description: 'text', unit: 'text' },
      ...{ decimals: 'integer', tracking: 'text', attributes: 'jsonb', reorder_point: 'bigint' },
      ...{ category_id: 'bigint', ...EDITABLE },
    },
    count,
    rows: rows(),
  };
}

function itemTags({ organization }: Base, { items: count }: Size): Table {
  const random = new Random(SEED + 1);
  function* rows(): Generator<Cell[]> {
    let id = 0;
    for (let item = 1; item <= count; item += 1) {
      for (const tag of random.several(TAGS_PER_ITEM, TAGS)) {
        id += 1;
        yield [id, organization, item, tag + 1];
      }
    }
  }
  const ids = { id: 'bigint', organization_id: 'bigint', item_id: 'bigint', tag_id: 'bigint' };
  return {
    name: 'item_tags',
    columns: ids as Table['columns'],
    count: count * TAGS_PER_ITEM,
    rows: rows(),
  };
}
