import { LockMode } from '@mikro-orm/core';
import type { Viewer } from '../access/viewer.ts';
import { Category } from '../catalog/category.entity.ts';
import { createCategory } from '../catalog/category.service.ts';
import { Item } from '../catalog/item.entity.ts';
import { createItem } from '../catalog/item.service.ts';
import { Tag } from '../catalog/tag.entity.ts';
import { createTag } from '../catalog/tag.service.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { Organization } from '../database/organization.entity.ts';
import { inTransaction } from '../database/transaction.ts';
import { Location, OUTSIDE_WORLDS } from '../locations/location.entity.ts';
import { createLocation } from '../locations/location.service.ts';
import { postMovements } from '../stock/posting.service.ts';
import type { FulfilPosting, MovePosting, Posted, ReversalPosting } from '../stock/posting.ts';
import { releaseReservation, reserveStock } from '../stock/reservation.service.ts';
import { CommandError } from './command-error.ts';
import { barcodeOf, CATEGORIES, ITEMS, LOCATIONS, TAGS, type Tree } from './demo-catalog.ts';
import { createMembers } from './demo-members.ts';
import { type DemoMovement, DRILL, HOLDS, MOVEMENTS, SEALANT_BATCHES } from './demo-movements.ts';

/** How much of each the sample has. */
type DemoCounts = Readonly<
  Record<
    'items' | 'categories' | 'tags' | 'locations' | 'movements' | 'reservations' | 'members',
    number
  >
>;

/**
 * Fills an organization with the sample through the services of the mutations, whole or not at all.
 * @param now the moment from which the sample's times look back.
 * @throws CommandError when the organization has anything but its outside worlds.
 */
export function fillWithDemo(em: EntityManager, owner: Viewer, now: Date): Promise<DemoCounts> {
  return inTransaction(em, async (fork) => {
    await refuseUnlessEmpty(fork, owner.organizationId);
    const categories = await createCategories(fork, owner, CATEGORIES, null);
    const tags = await createTags(fork, owner);
    await createLocations(fork, owner);
    await createItems(fork, owner, { categories, tags });
    const postings = MOVEMENTS.map((movement, index) => ({
      ...postingOf(movement, now),
      idempotencyKey: `demo ${index + 1}`,
    }));
    await postMovements(fork, owner, postings);
    await postMovements(fork, owner, [batches(now)]);
    const drill = await postMovements(fork, owner, drillScans(now));
    await postMovements(fork, owner, undoScans(drill, now));
    const reservations = await holdForJobs(fork, owner, now);
    const members = await createMembers(fork, owner);
    return {
      items: ITEMS.length,
      categories: categories.size,
      tags: TAGS.length,
      locations: LOCATIONS.length,
      movements: MOVEMENTS.length + 1 + 2 * DRILL_SCANS + FULFILLED,
      reservations,
      members,
    };
  });
}

async function refuseUnlessEmpty(em: EntityManager, organization: number): Promise<void> {
  // Every row refers to its organization, so that nobody adds one between this look and the commit.
  await em.findOneOrFail(
    Organization,
    { id: organization },
    { lockMode: LockMode.PESSIMISTIC_WRITE },
  );
  const found = {
    items: await em.count(Item, { organization }),
    categories: await em.count(Category, { organization }),
    tags: await em.count(Tag, { organization }),
    'locations of its own': (await em.count(Location, { organization })) - OUTSIDE_WORLDS.length,
  };
  const held = Object.entries(found).filter(([, count]) => count > 0);
  if (held.length === 0) return;
  const what = held.map(([name, count]) => `${name} (${count})`).join(', ');
  throw new CommandError(
    `The database is not empty, and was left as it is: it has ${what}. Name a new one, for example DATABASE_URL=sqlite:demo.db npx quartermaster demo.`,
  );
}

/** Ids by name. */
type Ids = Map<string, number>;

async function createCategories(
  em: EntityManager,
  owner: Viewer,
  tree: Tree,
  parent: number | null,
): Promise<Ids> {
  const ids: Ids = new Map();
  for (const [name, below] of Object.entries(tree)) {
    const { id } = await createCategory(em, owner, { name, parent });
    ids.set(name, id);
    for (const entry of await createCategories(em, owner, below, id)) ids.set(...entry);
  }
  return ids;
}

async function createTags(em: EntityManager, owner: Viewer): Promise<Ids> {
  const ids: Ids = new Map();
  for (const name of TAGS) ids.set(name, (await createTag(em, owner, { name })).id);
  return ids;
}

async function createLocations(em: EntityManager, owner: Viewer): Promise<void> {
  for (const { code, name, kind = 'STORAGE', parent } of LOCATIONS) {
    const above = parent === undefined ? null : { code: parent };
    await createLocation(em, owner, { code, name, kind, parent: above });
  }
}

async function createItems(
  em: EntityManager,
  owner: Viewer,
  { categories, tags }: { readonly categories: Ids; readonly tags: Ids },
): Promise<void> {
  for (const [place, { unit = 'pcs', decimals = 0, ...item }] of ITEMS.entries()) {
    await createItem(em, owner, {
      ...{ ...item, unit, decimals, barcodes: [barcodeOf(place)] },
      category: idIn(categories, item.category),
      tags: (item.tags ?? []).map((name) => idIn(tags, name)),
    });
  }
}

function idIn(ids: Ids, name: string): number {
  const id = ids.get(name);
  if (id === undefined) throw new Error(`The sample has no ${name}`);
  return id;
}

function postingOf(movement: DemoMovement, now: Date): Omit<MovePosting, 'idempotencyKey'> {
  const { kind, daysAgo, time, lines, reference, note } = movement;
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  const occurredAt = new Date(now);
  occurredAt.setUTCDate(now.getUTCDate() - daysAgo);
  occurredAt.setUTCHours(hours, minutes, 0, 0);
  return {
    ...{ kind, occurredAt, reference, note },
    lines: lines.map(({ sku, quantity, from, to }) => ({
      ...{ item: { sku }, quantity },
      ...{ from: { code: from }, to: { code: to } },
    })),
  };
}

/** Bottles of sealant, lot by lot. */
function batches(now: Date): MovePosting {
  const { occurredAt } = postingOf({ ...DRILL, time: '17:30' }, now);
  return {
    ...{ kind: 'RECEIPT', occurredAt, idempotencyKey: 'demo batches' },
    lines: SEALANT_BATCHES.map(({ code, daysLeft }) => ({
      item: { sku: 'SEALANT-BOTTLE' },
      from: { world: 'SUPPLIER' },
      to: { code: 'GOODS-IN' },
      quantity: '4',
      // The ledger refuses what has expired by its own clock, whatever the sample looks back from.
      lot: { code, expiresOn: dayAfter(new Date(), daysLeft) },
    })),
  };
}

function dayAfter(date: Date, days: number): string {
  const day = new Date(date);
  day.setUTCDate(date.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}

/** How many scans the drill has. */
const DRILL_SCANS = 25;

/** An evening on which the staff learnt to scan: each delivery of it was undone again. */
function drillScans(now: Date): MovePosting[] {
  return Array.from({ length: DRILL_SCANS }, (_, index) => ({
    ...postingOf({ ...DRILL, time: `18:${String(index + 10)}` }, now),
    idempotencyKey: `demo drill ${index + 1}`,
  }));
}

function undoScans(drill: readonly Posted[], now: Date): ReversalPosting[] {
  return drill.map(({ movement }, index) => ({
    kind: 'REVERSAL',
    movement: movement.id,
    idempotencyKey: `demo drill undone ${index + 1}`,
    occurredAt: postingOf({ ...DRILL, time: '19:00' }, now).occurredAt,
    note: 'The scanner drill is over',
  }));
}

/** How many of the holds were called for, and how many were given up. */
const FULFILLED = 2;
const RELEASED = 2;

/** Puts aside what jobs to come need. The first were done already, the next ones called off. */
async function holdForJobs(em: EntityManager, owner: Viewer, now: Date): Promise<number> {
  const held: number[] = [];
  for (const { reference, lines, from, daysLeft } of HOLDS) {
    const { reservation } = await reserveStock(em, owner, {
      ...{ idempotencyKey: `demo hold ${reference}`, reference },
      expiresAt: daysLeft === null ? null : new Date(Date.now() + daysLeft * 86_400_000),
      lines: lines.map(({ sku, quantity }) => ({
        ...{ item: { sku }, location: { code: from }, quantity },
      })),
    });
    held.push(reservation);
  }
  const { occurredAt } = postingOf({ ...DRILL, time: '19:00' }, now);
  const done = held.slice(0, FULFILLED).map(
    (reservation): FulfilPosting => ({
      ...{ kind: 'ISSUE', reservation, to: { world: 'CUSTOMER' }, occurredAt },
      idempotencyKey: `demo hold ${reservation} fulfilled`,
    }),
  );
  for (const posting of done) await postMovements(em, owner, [posting]);
  for (const reservation of held.slice(FULFILLED, FULFILLED + RELEASED)) {
    const idempotencyKey = `demo hold ${reservation} released`;
    await releaseReservation(em, owner, { reservation, idempotencyKey });
  }
  return held.length;
}
