import type { Role } from './access.entity.ts';

/** Who asks: a member of one organization, through one of the member's keys. */
export interface Viewer {
  readonly organizationId: number;
  readonly userId: number;
  readonly role: Role;
}
