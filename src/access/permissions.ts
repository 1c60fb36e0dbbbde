import type { Role } from './access.entity.ts';

/** What a member or a key can be allowed. */
export const PERMISSIONS = {
  READ: 'See stock, the catalogue and their history. Whoever is let in may do this.',
  STOCK: 'Post movements, counts and reservations.',
  CATALOG: 'Change items, categories, tags and locations.',
  INSPECT: 'Audit the ledger, and see the statements behind an answer.',
  ACCESS: 'Manage members and API keys.',
} as const;
export type Permission = keyof typeof PERMISSIONS;

/** What each role may do. */
export const ROLE_PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  OWNER: ['READ', 'STOCK', 'CATALOG', 'INSPECT', 'ACCESS'],
  MANAGER: ['READ', 'STOCK', 'CATALOG', 'INSPECT'],
  CLERK: ['READ', 'STOCK'],
  VIEWER: ['READ'],
};

/**
 * What each field of the schema takes: fields of the roots one by one, and the types of rows as a
 * whole. What leads to no row of the table, such as the payload of a mutation, takes what the field
 * that it comes from takes. A test holds that nothing is missing here.
 */
export const NEEDS: Readonly<Record<string, Permission>> = {
  'Query.node': 'READ',
  'Query.nodes': 'READ',
  'Query.viewer': 'READ',
  'Query.journal': 'READ',
  'Query.memberships': 'ACCESS',
  'Query.apiKeys': 'ACCESS',
  'Query.location': 'READ',
  'Query.locations': 'READ',
  'Query.category': 'READ',
  'Query.categories': 'READ',
  'Query.tags': 'READ',
  'Query.item': 'READ',
  'Query.items': 'READ',
  'Query.stockLevels': 'READ',
  'Query.movement': 'READ',
  'Query.movements': 'READ',
  'Query.movementLines': 'READ',
  'Query.reservations': 'READ',
  'Query.stockSummary': 'READ',
  'Query.movementSummary': 'READ',
  'Query.ledgerAudit': 'INSPECT',

  'Mutation.membershipCreate': 'ACCESS',
  'Mutation.membershipUpdate': 'ACCESS',
  'Mutation.membershipRemove': 'ACCESS',
  'Mutation.apiKeyCreate': 'ACCESS',
  'Mutation.apiKeyRevoke': 'ACCESS',

  'Mutation.locationCreate': 'CATALOG',
  'Mutation.locationUpdate': 'CATALOG',
  'Mutation.locationArchive': 'CATALOG',
  'Mutation.locationRestore': 'CATALOG',
  'Mutation.categoryCreate': 'CATALOG',
  'Mutation.categoryUpdate': 'CATALOG',
  'Mutation.categoryDelete': 'CATALOG',
  'Mutation.tagCreate': 'CATALOG',
  'Mutation.tagUpdate': 'CATALOG',
  'Mutation.tagDelete': 'CATALOG',
  'Mutation.itemCreate': 'CATALOG',
  'Mutation.itemUpdate': 'CATALOG',
  'Mutation.itemsUpsert': 'CATALOG',
  'Mutation.itemArchive': 'CATALOG',
  'Mutation.itemRestore': 'CATALOG',

  'Mutation.stockReceive': 'STOCK',
  'Mutation.stockIssue': 'STOCK',
  'Mutation.stockTransfer': 'STOCK',
  'Mutation.stockAdjust': 'STOCK',
  'Mutation.stockCount': 'STOCK',
  'Mutation.movementReverse': 'STOCK',
  'Mutation.stockReserve': 'STOCK',
  'Mutation.reservationExtend': 'STOCK',
  'Mutation.reservationFulfil': 'STOCK',
  'Mutation.reservationRelease': 'STOCK',

  'User.*': 'READ',
  'Membership.*': 'ACCESS',
  'ApiKey.*': 'ACCESS',
  'Location.*': 'READ',
  'Category.*': 'READ',
  'Tag.*': 'READ',
  'Item.*': 'READ',
  'Lot.*': 'READ',
  'StockLevel.*': 'READ',
  'Movement.*': 'READ',
  'MovementLine.*': 'READ',
  'CountLine.*': 'READ',
  'Reservation.*': 'READ',
  'ReservationLine.*': 'READ',
};

/** What a field of a type takes by its own row or its type's; undefined where neither has one. */
export const neededFor = (type: string, field: string): Permission | undefined =>
  NEEDS[`${type}.${field}`] ?? NEEDS[`${type}.*`];

/** What someone may do whom a role, a key's own role and its scopes allow it. */
export function permissionsOf(
  role: Role,
  key?: { readonly role: Role; readonly scopes: readonly Permission[] | null },
): readonly Permission[] {
  const allowed = ROLE_PERMISSIONS[role];
  if (!key) return allowed;
  const byKey = ROLE_PERMISSIONS[key.role];
  return allowed.filter(
    (each) => byKey.includes(each) && (each === 'READ' || !key.scopes || key.scopes.includes(each)),
  );
}

/** Whether one set of permissions has nothing that another lacks. */
export const isWithin = (
  permissions: readonly Permission[],
  others: readonly Permission[],
): boolean => permissions.every((each) => others.includes(each));
