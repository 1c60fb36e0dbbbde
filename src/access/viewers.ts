import type { IdentityProvider } from '../config.ts';
import type { Orm } from '../database/entity-manager.ts';
import { findViewer } from './api-key.service.ts';
import { tokensOf } from './identity-provider.ts';
import { RecentViewers } from './recent-viewers.ts';

const KEY = /^qm_/;

/** Knows who shows a key of a database, or a token of the identity provider where there is one. */
export function viewersOf(orm: Orm, identityProvider: IdentityProvider | null): RecentViewers {
  const findByToken = identityProvider && tokensOf(identityProvider);
  return new RecentViewers({
    find: (shown) => {
      const em = orm.em.fork();
      return findByToken && !KEY.test(shown) ? findByToken(em, shown) : findViewer(em, shown);
    },
  });
}
