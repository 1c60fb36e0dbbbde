import type { AbstractSqlDriver, MikroORM, SqlEntityManager } from '@mikro-orm/sql';

/** The EntityManager of either database. Always a fork: of a request, or of a transaction. */
export type EntityManager = SqlEntityManager<AbstractSqlDriver>;

/** The ORM of either database. */
export type Orm = MikroORM<AbstractSqlDriver, EntityManager>;
