/** A tree of names. */
export interface Tree {
  readonly [name: string]: Tree;
}

/** The categories of a bicycle workshop, three deep; each name is there once. */
export const CATEGORIES: Tree = {
  Accessories: { Bags: {}, Bells: {}, Helmets: {}, Locks: {}, Pumps: {} },
  Bicycles: { "Children's bicycles": {}, 'City bicycles': {} },
  Components: {
    Axles: {},
    'Bar tape and grips': {},
    Bearings: {},
    'Bottom brackets': {},
    Brakes: { 'Brake fluid': {}, 'Brake pads': {}, 'Brake rotors': {} },
    Cables: { Housing: {}, 'Inner cables': {} },
    Cassettes: {},
    Chainrings: {},
    Chains: {},
    Cranks: {},
    Derailleurs: {},
    Forks: {},
    Frames: {},
    Handlebars: {},
    Headsets: {},
    Hubs: {},
    Kickstands: {},
    Lights: {},
    Mudguards: {},
    Pedals: {},
    Racks: {},
    Rims: {},
    Saddles: {},
    Seatposts: {},
    Shifters: {},
    Spoking: { Nipples: {}, Spokes: {} },
    Stems: {},
    'Tubes and valves': {},
    Tyres: { 'City tyres': {}, 'Gravel tyres': {} },
  },
  Consumables: { Cleaners: {}, Lubricants: {}, Sealants: {} },
};

const words = (text: string): string[] => text.trim().split(/,\s*/);

/** Whole bicycles are sold by what they have; the city bicycle has all of it. */
const BICYCLE_TAGS = words(`
  28 inch, aluminium frame, assembled here, belt drive, bestseller, black, bulky, city, commuting,
  demo ride, disc brakes, display model, hub dynamo, hub gears, insurable, kickstand fitted,
  lights fitted, low maintenance, low step, mudguards fitted, puncture protection, rack fitted,
  rental fleet, service plan, unisex, warranty 5 years`);
const SMALL_PART = ['small parts', 'workshop use'];
const BY_THE_METRE = ['by the metre', 'workshop use'];
const BY_WEIGHT = ['by weight', 'workshop use'];

/** Every tag that there is. */
export const TAGS: readonly string[] = [
  ...BICYCLE_TAGS,
  ...SMALL_PART,
  ...words('by the metre, by weight, flammable, winter'),
];

/** The lengths, in millimetres, of the spokes that the workshop keeps, each in a drawer of its own. */
export const SPOKE_LENGTHS = Array.from({ length: 26 }, (_, index) => 252 + 2 * index);
export const spokeSku = (length: number): string => `SPOKE-${length}`;
export const drawerCode = (length: number): string => `DRAWER-${length}`;

interface DemoLocation {
  readonly code: string;
  readonly name: string;
  /** The code of the location that it lies in. */
  readonly parent?: string;
  /** STORAGE unless said. */
  readonly kind?: 'TRANSIT';
}

/** Where things are, besides the outside worlds; a location comes after the one that it lies in. */
export const LOCATIONS: readonly DemoLocation[] = [
  { code: 'SHOP', name: 'Shop, Harbour Street' },
  { code: 'FLOOR', name: 'Sales floor', parent: 'SHOP' },
  { code: 'COUNTER', name: 'Shelf behind the counter', parent: 'SHOP' },
  { code: 'WORKSHOP', name: 'Workshop in the yard' },
  { code: 'GOODS-IN', name: 'Goods-in table', parent: 'WORKSHOP' },
  { code: 'STORE', name: 'Store room', parent: 'WORKSHOP' },
  { code: 'BENCH-1', name: 'Repair bench', parent: 'WORKSHOP' },
  { code: 'BENCH-2', name: 'Wheel-building bench', parent: 'WORKSHOP' },
  { code: 'SPOKES', name: 'Spoke cabinet', parent: 'WORKSHOP' },
  ...SPOKE_LENGTHS.map((length) => ({
    code: drawerCode(length),
    name: `Drawer for spokes of ${length} mm`,
    parent: 'SPOKES',
  })),
  { code: 'VAN', name: 'Delivery van', kind: 'TRANSIT' },
];

interface DemoItem {
  readonly sku: string;
  readonly name: string;
  readonly category: string;
  /** Pieces unless said. */
  readonly unit?: string;
  /** None unless said. */
  readonly decimals?: number;
  readonly tracking?: 'LOT';
  readonly reorderPoint?: string;
  readonly tags?: readonly string[];
  readonly description?: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

const METRES = { unit: 'm', decimals: 2 };
const KILOGRAMS = { unit: 'kg', decimals: 3 };
const LITRES = { unit: 'l', decimals: 3 };

const BICYCLES: readonly DemoItem[] = [
  {
    sku: 'BIKE-HARBOUR-M',
    name: 'City bicycle Harbour, medium',
    category: 'City bicycles',
    description: 'Low step, belt drive, hub gears. Built up and ridden in by us before it is sold.',
    attributes: { frame: 'medium', gears: 8, weightKg: 17.4 },
    reorderPoint: '2',
    tags: BICYCLE_TAGS,
  },
  {
    sku: 'BIKE-PUFFIN-20',
    name: "Children's bicycle Puffin, 20 inch",
    category: "Children's bicycles",
    attributes: { wheelInches: 20, fromAge: 6 },
    tags: ['assembled here', 'bulky'],
  },
];

const ACCESSORIES: readonly DemoItem[] = [
  { sku: 'BAG-PANNIER-20', name: 'Pannier, 20 l', category: 'Bags', tags: ['commuting'] },
  { sku: 'BELL-BRASS', name: 'Brass bell', category: 'Bells', reorderPoint: '10' },
  { sku: 'HELMET-M', name: 'Helmet, 54 to 58 cm', category: 'Helmets', tags: ['commuting'] },
  { sku: 'LOCK-CHAIN-90', name: 'Chain lock, 90 cm', category: 'Locks', tags: ['commuting'] },
  { sku: 'PUMP-FLOOR', name: 'Floor pump with gauge', category: 'Pumps', tags: ['bulky'] },
];

const COMPONENTS: readonly DemoItem[] = [
  { sku: 'BEARING-6902', name: 'Cartridge bearing 6902', category: 'Bearings', tags: SMALL_PART },
  { sku: 'BB-BSA-68', name: 'Bottom bracket BSA, 68 mm', category: 'Bottom brackets' },
  { sku: 'CABLE-BRAKE', name: 'Inner brake cable', category: 'Inner cables', tags: SMALL_PART },
  { sku: 'CASSETTE-9', name: 'Cassette, 9 speed, 11–36', category: 'Cassettes' },
  { sku: 'CHAIN-9', name: 'Chain, 9 speed', category: 'Chains', reorderPoint: '20' },
  { sku: 'GRIP-CORK', name: 'Cork grips, pair', category: 'Bar tape and grips' },
  {
    sku: 'HOUSING-BRAKE-5',
    name: 'Brake cable housing, 5 mm',
    category: 'Housing',
    ...METRES,
    reorderPoint: '15',
    tags: BY_THE_METRE,
  },
  {
    sku: 'HOUSING-SHIFT-4',
    name: 'Shift cable housing, 4 mm',
    category: 'Housing',
    ...METRES,
    reorderPoint: '15',
    tags: BY_THE_METRE,
  },
  { sku: 'HUB-DYNAMO-36', name: 'Hub dynamo, 36 holes', category: 'Hubs', tags: ['hub dynamo'] },
  { sku: 'LIGHT-FRONT-60', name: 'Front light, 60 lux', category: 'Lights', tags: ['winter'] },
  {
    sku: 'PAD-DISC-RESIN',
    name: 'Disc brake pads, resin, pair',
    category: 'Brake pads',
    reorderPoint: '20',
    tags: ['bestseller', 'disc brakes', ...SMALL_PART],
  },
  { sku: 'PEDAL-GRIP', name: 'Grip pedals, pair', category: 'Pedals' },
  { sku: 'RIM-622-36', name: 'Rim, 622 mm, 36 holes', category: 'Rims', tags: ['28 inch'] },
  { sku: 'ROTOR-160', name: 'Brake rotor, 160 mm', category: 'Brake rotors', reorderPoint: '6' },
  { sku: 'SADDLE-LEATHER', name: 'Leather saddle', category: 'Saddles' },
  {
    sku: 'TUBE-622',
    name: 'Inner tube, 28 to 47-622',
    category: 'Tubes and valves',
    reorderPoint: '25',
    tags: ['28 inch', 'bestseller'],
  },
  {
    sku: 'TYRE-CITY-37',
    name: 'City tyre, 37-622',
    category: 'City tyres',
    reorderPoint: '12',
    tags: ['28 inch', 'bestseller', 'puncture protection'],
  },
  { sku: 'TYRE-GRAVEL-40', name: 'Gravel tyre, 40-622', category: 'Gravel tyres' },
  {
    sku: 'TYRE-STUDDED-42',
    name: 'Studded tyre, 42-622',
    category: 'City tyres',
    tags: ['28 inch', 'winter'],
  },
];

const SPOKING: readonly DemoItem[] = [
  {
    sku: 'NIPPLE-BRASS-12',
    name: 'Spoke nipple, brass, 12 mm',
    category: 'Nipples',
    reorderPoint: '1000',
    tags: SMALL_PART,
  },
  ...SPOKE_LENGTHS.map((length) => ({
    sku: spokeSku(length),
    name: `Spoke, stainless, 2 mm, ${length} mm long`,
    category: 'Spokes',
    attributes: { lengthMm: length, diameterMm: 2 },
    reorderPoint: '72',
    tags: SMALL_PART,
  })),
];

const CONSUMABLES: readonly DemoItem[] = [
  {
    sku: 'DEGREASER',
    name: 'Degreaser',
    category: 'Cleaners',
    ...LITRES,
    tags: ['flammable', 'workshop use'],
  },
  { sku: 'FLUID-MINERAL', name: 'Mineral oil for brakes', category: 'Brake fluid', ...LITRES },
  {
    sku: 'GREASE-LITHIUM',
    name: 'Lithium grease',
    category: 'Lubricants',
    ...KILOGRAMS,
    reorderPoint: '1.5',
    tags: BY_WEIGHT,
  },
  { sku: 'RAGS-COTTON', name: 'Cotton rags', category: 'Cleaners', ...KILOGRAMS, tags: BY_WEIGHT },
  { sku: 'SEALANT', name: 'Tubeless sealant', category: 'Sealants', ...LITRES },
  { sku: 'SEALANT-BOTTLE', name: 'Sealant, bottled', category: 'Sealants', tracking: 'LOT' },
];

/** What is stocked: whole bicycles, parts by the piece, and goods by metre, weight and volume. */
export const ITEMS = [...BICYCLES, ...ACCESSORIES, ...COMPONENTS, ...SPOKING, ...CONSUMABLES];

/** The barcode of the item at a place among `ITEMS`: of the range that EAN-13 keeps for use in a shop. */
export function barcodeOf(place: number): string {
  const digits = `20${String(place + 1).padStart(10, '0')}`;
  const sum = [...digits].reduce((total, digit, at) => total + Number(digit) * (at % 2 ? 3 : 1), 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}
