import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { foldKey } from '../database/key.ts';
import type { Row } from '../database/rows.ts';
import { AlreadyExists, DomainError, InvalidInput, NotFound } from '../errors.ts';
import type { Location } from '../locations/location.entity.ts';
import { createLocation, updateLocation } from '../locations/location.service.ts';
import { restoreLocation } from '../stock/archive.service.ts';
import type { ToArchive } from './archiving.ts';
import type { RowsDone } from './item-import.service.ts';
import type { LOCATION_COLUMNS } from './location-columns.ts';
import { findLocations, worldsAmong } from './location-export.ts';
import type { Problem } from './problem.ts';
import type { TableRow } from './table.ts';

type LocationRow = TableRow<typeof LOCATION_COLUMNS>;
type Values = LocationRow['values'] & { readonly code: string };

/** Makes locations be as the rows of a file say, by their code; each after the one that it lies in. */
export async function importLocations(
  em: EntityManager,
  viewer: Viewer,
  rows: AsyncIterable<LocationRow>,
): Promise<RowsDone> {
  const known = new KnownLocations(await findLocations(em, viewer.organizationId));
  const problems: Problem[] = [];
  const toArchive: ToArchive[] = [];
  const counts = { created: 0, updated: 0, unchanged: 0 };
  for await (const row of rows) {
    const values = { ...row.values, code: row.values.code ?? '' };
    try {
      const { action, location } = await settle(em, viewer, values, known);
      const isNew = values.archived === true && location.archivedAt === null;
      if (isNew) toArchive.push({ table: 'locations', name: location.code, problem: row.problem });
      counts[isNew && action === 'unchanged' ? 'updated' : action] += 1;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      problems.push(row.problem(error.path?.at(-1) ?? '', error));
    }
  }
  return { ...counts, toArchive, problems };
}

/** Locations as they are while rows are taken. */
class KnownLocations {
  readonly #byKey: Map<string, Row<Location>>;
  readonly #byId: Map<number, Row<Location>>;
  readonly #worlds: ReadonlySet<Row<Location>>;
  readonly #seen = new Set<string>();

  constructor(locations: readonly Row<Location>[]) {
    this.#byKey = new Map(locations.map((location) => [location.codeKey, location]));
    this.#byId = new Map(locations.map((location) => [location.id, location]));
    this.#worlds = worldsAmong(locations);
  }

  /** The location that a row is about. @throws InvalidInput, AlreadyExists. */
  of({ code, kind, world }: Values): Row<Location> | undefined {
    const key = foldKey(code);
    if (this.#seen.has(key))
      throw new InvalidInput('An earlier row has the code already.', ['code']);
    this.#seen.add(key);
    const found = this.#byKey.get(key);
    if (!world) return found;
    const own = [...this.#worlds].find((each) => each.kind === kind);
    if (!own) throw new InvalidInput('Only an outside world is one.', ['world']);
    if (!found || found.id === own.id) return this.#byId.get(own.id);
    throw new AlreadyExists(`Another location has the code ${code} already.`, ['code']);
  }

  /** @throws NotFound. */
  parent(code: string): Row<Location> {
    const found = this.#byKey.get(foldKey(code));
    if (found) return found;
    throw new NotFound('There is no such location yet: its row must come first.', ['parent']);
  }

  keep(location: Row<Location>): void {
    const before = this.#byId.get(location.id);
    if (before) this.#byKey.delete(before.codeKey);
    this.#byKey.set(location.codeKey, location);
    this.#byId.set(location.id, location);
  }
}

interface Settled {
  readonly action: 'created' | 'updated' | 'unchanged';
  readonly location: Row<Location>;
}

async function settle(
  em: EntityManager,
  viewer: Viewer,
  values: Values,
  known: KnownLocations,
): Promise<Settled> {
  const existing = known.of(values);
  const parent = values.parent ? { id: known.parent(values.parent).id } : null;
  if (!existing) {
    const { code, name, kind } = values;
    const made = { code, name: name ?? code, kind: kind ?? 'STORAGE', parent } as const;
    const location = await createLocation(em, viewer, made);
    known.keep(location);
    return { action: 'created', location };
  }
  const location = await change(em, viewer, { existing, values, parent });
  known.keep(location);
  return { action: location === existing ? 'unchanged' : 'updated', location };
}

interface Change {
  readonly existing: Row<Location>;
  readonly values: Values;
  readonly parent: { readonly id: number } | null;
}

async function change(
  em: EntityManager,
  viewer: Viewer,
  { existing, values, parent }: Change,
): Promise<Row<Location>> {
  const { id, kind } = existing;
  if (values.kind && values.kind !== kind) {
    throw new InvalidInput(`The kind is fixed: it is ${kind}.`, ['kind']);
  }
  const { code, name } = values;
  const moves = values.parent !== undefined && (parent?.id ?? null) !== existing.parent;
  const isOther = code !== existing.code || (name ?? existing.name) !== existing.name || moves;
  const restores = values.archived === false && existing.archivedAt !== null;
  const restored = restores ? await restoreLocation(em, viewer, { location: { id } }) : existing;
  if (!isOther) return restored;
  return updateLocation(em, viewer, { location: { id }, code, name, ...(moves && { parent }) });
}
