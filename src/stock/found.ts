import { z } from 'zod';
import type { ItemReference } from '../catalog/item-reference.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { checkInput, requiredText } from '../input.ts';
import type { LocationReference } from '../locations/location.service.ts';
import { type LotReference, Lots, type WantedLot } from './lots.ts';
import { Names } from './names.ts';

/** What an input names. */
export interface Naming {
  readonly lines: readonly {
    readonly item: ItemReference;
    readonly lot?: LotReference | null | undefined;
  }[];
  readonly places: readonly LocationReference[];
  /** Whether lots that are new are made. */
  readonly createLots?: boolean;
  /** Whether these may have expired. */
  readonly past?: boolean;
}

/** What inputs name, found. */
export interface Found {
  readonly names: Names;
  readonly lots: Lots;
}

/** Finds what inputs name, with a number of statements that does not depend on how much it is. */
export async function findNamed(
  em: EntityManager,
  organizationId: number,
  namings: readonly Naming[],
): Promise<Found> {
  const items = namings.flatMap(({ lines }) => lines.map(({ item }) => item));
  const places = namings.flatMap((naming) => naming.places);
  const names = await Names.find(em, organizationId, items, places);
  const wanted = namings.flatMap((naming) => lotsOf(naming, names));
  return { names, lots: await Lots.find(em, organizationId, wanted) };
}

/** The lots that lines name. */
function lotsOf(
  { lines, createLots: create = false, past = false }: Naming,
  names: Names,
): WantedLot[] {
  return lines.flatMap(({ item: by, lot }, index) => {
    if (!lot) return [];
    const path = ['input', 'lines', String(index)];
    const item = names.item(by, [...path, 'item']);
    const { code } = checkInput(LotTexts, lot, [...path, 'lot']);
    if (item.tracking === 'NONE') return [];
    return [{ item, lot: { ...lot, code }, create, past, path: [...path, 'lot'] }];
  });
}

const LotTexts = z.object({ code: requiredText });
