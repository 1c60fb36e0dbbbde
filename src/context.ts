import type { Viewer } from './access/viewer.ts';
import type { EntityManager } from './database/entity-manager.ts';
import type { Trace } from './database/trace.ts';
import type { Loaders } from './graphql/loading.ts';
import type { UnitOfWork } from './graphql/unit-of-work.ts';

/** What one request shares. */
export interface Context {
  /** A fork of the request's own; a mutation field works on a transaction's fork of it. */
  readonly em: EntityManager;
  readonly viewer: Viewer;
  readonly loaders: Loaders;
  readonly trace: Trace;
  /** The one transaction of a mutation with `@atomic` or `@dryRun`: `em` belongs to it then. */
  readonly unit?: UnitOfWork;
}
