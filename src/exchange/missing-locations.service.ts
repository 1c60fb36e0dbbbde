import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { foldKey } from '../database/key.ts';
import { createLocation } from '../locations/location.service.ts';
import { findLocations } from './location-export.ts';
import type { Outcome } from './taking-back.ts';

/** Makes a real place of each code that no location has. */
export async function createMissingLocations(
  em: EntityManager,
  viewer: Viewer,
  codes: ReadonlySet<string>,
): Promise<Outcome & { readonly created: number }> {
  const found = await findLocations(em, viewer.organizationId);
  const known = new Set(found.map(({ codeKey }) => codeKey));
  let created = 0;
  for (const code of codes) {
    if (known.has(foldKey(code))) continue;
    known.add(foldKey(code));
    await createLocation(em, viewer, { code, name: code, kind: 'STORAGE', parent: null });
    created += 1;
  }
  return { created, problems: [] };
}
