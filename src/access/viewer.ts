import type { Role } from './access.entity.ts';
import type { Permission } from './permissions.ts';

/** Who asks: a member of one organization, by a key or by the word of an identity provider. */
export interface Viewer {
  readonly organizationId: number;
  readonly userId: number;
  readonly role: Role;
  readonly permissions: readonly Permission[];
  /** The key that was shown; null where none was. */
  readonly key: ViewerKey | null;
}

/** What a request may know of the key that it came with. */
interface ViewerKey {
  readonly id: number;
  readonly prefix: string;
  readonly expiresAt: Date | null;
}
