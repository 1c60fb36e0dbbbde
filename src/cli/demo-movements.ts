import { drawerCode, SPOKE_LENGTHS, spokeSku } from './demo-catalog.ts';

export interface DemoMovement {
  readonly kind: 'RECEIPT' | 'ISSUE' | 'TRANSFER';
  readonly daysAgo: number;
  /** The time of that day, in UTC. */
  readonly time: string;
  readonly lines: readonly DemoLine[];
  readonly reference?: string;
  readonly note?: string;
}

interface DemoLine {
  readonly sku: string;
  readonly quantity: string;
  readonly from: string;
  readonly to: string;
}

/** When, between which places, and what people wrote about it. */
type Facts = Omit<DemoMovement, 'kind' | 'lines'> & Pick<DemoLine, 'from' | 'to'>;

/** A movement from one place to one other; `goods` reads as `SKU quantity, SKU quantity`. */
function move(kind: DemoMovement['kind'], { from, to, ...facts }: Facts, goods: string) {
  const lines = goods.split(',').map((each) => {
    const [sku = '', quantity = ''] = each.trim().split(' ');
    return { sku, quantity, from, to };
  });
  return { ...facts, kind, lines };
}

/** Goods that a supplier brings. */
const receive = (facts: Omit<Facts, 'from' | 'to'>, goods: string): DemoMovement =>
  move('RECEIPT', { ...facts, from: 'SUPPLIER', to: 'GOODS-IN' }, goods);

/** Goods that are sold, or fitted to a customer's bicycle. */
const issue = (facts: Omit<Facts, 'to'>, goods: string): DemoMovement =>
  move('ISSUE', { ...facts, to: 'CUSTOMER' }, goods);

const transfer = (facts: Facts, goods: string): DemoMovement => move('TRANSFER', facts, goods);

const FIRST_ORDER = `
  BIKE-HARBOUR-M 6, BIKE-PUFFIN-20 3, BAG-PANNIER-20 14, BELL-BRASS 40, HELMET-M 12,
  LOCK-CHAIN-90 18, PUMP-FLOOR 9, BEARING-6902 60, BB-BSA-68 10, CABLE-BRAKE 80, CASSETTE-9 12,
  CHAIN-9 24, GRIP-CORK 16, HOUSING-BRAKE-5 60, HOUSING-SHIFT-4 60, HUB-DYNAMO-36 8,
  LIGHT-FRONT-60 15, PAD-DISC-RESIN 50, PEDAL-GRIP 14, RIM-622-36 20, ROTOR-160 12,
  SADDLE-LEATHER 6, TUBE-622 120, TYRE-CITY-37 40, TYRE-GRAVEL-40 16, DEGREASER 12.5,
  FLUID-MINERAL 5, GREASE-LITHIUM 4.5, RAGS-COTTON 10, SEALANT 6`;

/** Most wheels take spokes from 284 to 294 mm. */
const spokes = (length: number): string => (length >= 284 && length <= 294 ? '288' : '144');

const SPOKE_ORDER = [
  ...SPOKE_LENGTHS.map((length) => `${spokeSku(length)} ${spokes(length)}`),
  'NIPPLE-BRASS-12 5000',
].join();

/** Each drawer of the cabinet gets the spokes of its length, and nipples to go with them. */
const FILL_CABINET: DemoMovement = {
  kind: 'TRANSFER',
  daysAgo: 54,
  time: '10:15',
  note: 'Each length into its own drawer, with nipples for two wheels',
  lines: SPOKE_LENGTHS.flatMap((length) => {
    const ends = { from: 'GOODS-IN', to: drawerCode(length) };
    return [
      { sku: spokeSku(length), quantity: spokes(length), ...ends },
      { sku: 'NIPPLE-BRASS-12', quantity: '72', ...ends },
    ];
  }),
};

const SETTING_UP: readonly DemoMovement[] = [
  receive({ daysAgo: 56, time: '08:40', reference: 'PO-1041' }, FIRST_ORDER),
  receive({ daysAgo: 55, time: '09:05', reference: 'PO-1042' }, SPOKE_ORDER),
  FILL_CABINET,
  transfer({ daysAgo: 54, time: '11:30', from: 'GOODS-IN', to: 'STORE' }, FIRST_ORDER),
  transfer({ daysAgo: 54, time: '11:40', from: 'GOODS-IN', to: 'STORE' }, 'NIPPLE-BRASS-12 3128'),
  transfer(
    { daysAgo: 53, time: '08:10', from: 'STORE', to: 'FLOOR', note: 'Opening day' },
    `BIKE-HARBOUR-M 4, BIKE-PUFFIN-20 2, BAG-PANNIER-20 10, HELMET-M 10, LOCK-CHAIN-90 12,
      PUMP-FLOOR 6, SADDLE-LEATHER 3, TYRE-GRAVEL-40 6`,
  ),
  transfer(
    { daysAgo: 53, time: '08:35', from: 'STORE', to: 'COUNTER' },
    'BELL-BRASS 15, GRIP-CORK 6, LIGHT-FRONT-60 6, PAD-DISC-RESIN 20, TUBE-622 40',
  ),
  transfer(
    { daysAgo: 53, time: '09:20', from: 'STORE', to: 'BENCH-1' },
    `CABLE-BRAKE 30, HOUSING-BRAKE-5 20.5, HOUSING-SHIFT-4 20.5, CHAIN-9 6, TYRE-CITY-37 8,
      PAD-DISC-RESIN 10, FLUID-MINERAL 1, GREASE-LITHIUM 0.75, RAGS-COTTON 2.5, DEGREASER 2.25`,
  ),
  transfer(
    { daysAgo: 53, time: '09:45', from: 'STORE', to: 'BENCH-2' },
    'RIM-622-36 8, HUB-DYNAMO-36 4, NIPPLE-BRASS-12 400, BEARING-6902 20',
  ),
];

const BUSINESS: readonly DemoMovement[] = [
  issue(
    { daysAgo: 51, time: '10:05', from: 'FLOOR', reference: 'SALE-3001' },
    'BIKE-HARBOUR-M 1, LOCK-CHAIN-90 1, HELMET-M 1',
  ),
  issue(
    { daysAgo: 50, time: '14:30', from: 'BENCH-1', reference: 'JOB-512', note: 'New brake cables' },
    'CABLE-BRAKE 2, HOUSING-BRAKE-5 1.65, GREASE-LITHIUM 0.015',
  ),
  issue(
    { daysAgo: 47, time: '16:10', from: 'COUNTER', reference: 'SALE-3002' },
    'TUBE-622 2, BELL-BRASS 1',
  ),
  issue(
    { daysAgo: 45, time: '11:20', from: 'DRAWER-288', reference: 'JOB-514', note: 'Front wheel' },
    'SPOKE-288 36, NIPPLE-BRASS-12 36',
  ),
  issue(
    { daysAgo: 45, time: '11:25', from: 'BENCH-2', reference: 'JOB-514', note: 'Front wheel' },
    'RIM-622-36 1, HUB-DYNAMO-36 1',
  ),
  issue(
    { daysAgo: 43, time: '09:50', from: 'FLOOR', reference: 'SALE-3003' },
    'BAG-PANNIER-20 2, PUMP-FLOOR 1',
  ),
  move(
    'ISSUE',
    { daysAgo: 42, time: '17:00', from: 'STORE', to: 'SCRAP', note: 'Bead bent in storage' },
    'TYRE-CITY-37 1',
  ),
  issue(
    { daysAgo: 39, time: '15:15', from: 'BENCH-1', reference: 'JOB-517', note: 'Spring service' },
    'CHAIN-9 1, PAD-DISC-RESIN 2, FLUID-MINERAL 0.12, DEGREASER 0.3, RAGS-COTTON 0.2',
  ),
  move(
    'RECEIPT',
    {
      ...{ daysAgo: 37, time: '12:40', from: 'CUSTOMER', to: 'FLOOR' },
      ...{ reference: 'SALE-3003', note: 'Brought back unused' },
    },
    'BAG-PANNIER-20 1',
  ),
  transfer({ daysAgo: 33, time: '07:55', from: 'FLOOR', to: 'VAN' }, 'BIKE-HARBOUR-M 1'),
  issue(
    { daysAgo: 33, time: '10:30', from: 'VAN', reference: 'SALE-3005', note: 'Delivered' },
    'BIKE-HARBOUR-M 1',
  ),
  issue(
    { daysAgo: 30, time: '13:10', from: 'COUNTER', reference: 'SALE-3006' },
    'LIGHT-FRONT-60 2, PAD-DISC-RESIN 4, GRIP-CORK 1',
  ),
  receive(
    { daysAgo: 26, time: '08:50', reference: 'PO-1047' },
    'TYRE-STUDDED-42 20, TUBE-622 60, LIGHT-FRONT-60 20',
  ),
  transfer(
    { daysAgo: 26, time: '09:30', from: 'GOODS-IN', to: 'STORE' },
    'TUBE-622 60, LIGHT-FRONT-60 20',
  ),
  issue(
    { daysAgo: 22, time: '11:45', from: 'DRAWER-292', reference: 'JOB-523', note: 'Rear wheel' },
    'SPOKE-292 36, NIPPLE-BRASS-12 36',
  ),
  issue(
    { daysAgo: 19, time: '16:25', from: 'BENCH-1', reference: 'JOB-525', note: 'New gear cables' },
    'HOUSING-SHIFT-4 2.4, HOUSING-BRAKE-5 0.85, CABLE-BRAKE 1',
  ),
  transfer(
    { daysAgo: 14, time: '08:20', from: 'STORE', to: 'COUNTER', note: 'Before the dark season' },
    'LIGHT-FRONT-60 10, TUBE-622 20',
  ),
  issue(
    { daysAgo: 11, time: '10:55', from: 'FLOOR', reference: 'SALE-3011' },
    'BIKE-PUFFIN-20 1, HELMET-M 1, LOCK-CHAIN-90 1',
  ),
  issue(
    { daysAgo: 8, time: '15:40', from: 'STORE', reference: 'SALE-3012', note: 'To a bicycle club' },
    'CHAIN-9 5, CASSETTE-9 4, SEALANT 1.5, TYRE-CITY-37 10',
  ),
  issue(
    { daysAgo: 4, time: '12:15', from: 'COUNTER', reference: 'SALE-3014' },
    'LIGHT-FRONT-60 3, TUBE-622 6',
  ),
  transfer({ daysAgo: 2, time: '09:10', from: 'GOODS-IN', to: 'STORE' }, 'TYRE-STUDDED-42 12'),
  issue(
    { daysAgo: 1, time: '17:20', from: 'BENCH-1', reference: 'JOB-531', note: 'Winter service' },
    'TYRE-CITY-37 2, CHAIN-9 1, GREASE-LITHIUM 0.03, RAGS-COTTON 0.15',
  ),
];

/** Eight weeks of a workshop, in the order in which they happened. */
export const MOVEMENTS: readonly DemoMovement[] = [...SETTING_UP, ...BUSINESS];

/** How many batches of bottled sealant there were: one comes every other day, and keeps for a year. */
const BATCHES = 26;

/** The batches as they came in, the oldest first: their code, and how many days they still keep. */
export const SEALANT_BATCHES = Array.from({ length: BATCHES }, (_, index) => ({
  code: `BATCH-${String(index + 1).padStart(2, '0')}`,
  daysLeft: 365 - 2 * (BATCHES - index),
}));

/** A delivery that was only there for the staff to learn how to scan. */
export const DRILL: DemoMovement = receive(
  { daysAgo: 1, time: '18:00', note: 'Scanner drill' },
  'BELL-BRASS 1',
);

/** What the workshop has put aside: a tube for each bicycle that is to come in, and what it ordered. */
export const HOLDS = Array.from({ length: 28 }, (_, index) => ({
  reference: `JOB-${540 + index}`,
  lines: [
    { sku: 'TUBE-622', quantity: '1' },
    ...(index % 4 === 0 ? [{ sku: 'CASSETTE-9', quantity: '1' }] : []),
  ],
  from: 'STORE',
  // Every third customer left it open when to come.
  daysLeft: index % 3 === 0 ? null : 14 + index,
}));
