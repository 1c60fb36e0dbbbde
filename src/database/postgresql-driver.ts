import type { Configuration } from '@mikro-orm/core';
import { PostgreSqlConnection, PostgreSqlPlatform } from '@mikro-orm/postgresql';
import { AbstractSqlDriver } from '@mikro-orm/sql';
import type { PostgresDialect } from 'kysely';
import { releaseFailedBegin, rememberFailedBegin } from './begin.ts';

/** PostgreSQL with a pool that gets its connection back when BEGIN fails. */
class LedgerPostgreSqlConnection extends PostgreSqlConnection {
  override createKyselyDialect(
    ...options: Parameters<PostgreSqlConnection['createKyselyDialect']>
  ): PostgresDialect {
    return rememberFailedBegin(super.createKyselyDialect(...options)) as PostgresDialect;
  }

  override async begin(options: Parameters<PostgreSqlConnection['begin']>[0] = {}) {
    const transaction = await super.begin(options);
    if (!options.ctx) await releaseFailedBegin(transaction);
    return transaction;
  }
}

export class LedgerPostgreSqlDriver extends AbstractSqlDriver<PostgreSqlConnection> {
  /** Whether statements are prepared by name; a pooler in transaction mode may not allow it. */
  readonly preparedStatements: boolean;

  constructor(config: Configuration) {
    super(config, new PostgreSqlPlatform(), LedgerPostgreSqlConnection, ['kysely', 'pg']);
    const options: object = config.get('driverOptions');
    this.preparedStatements =
      'preparedStatements' in options && options.preparedStatements === true;
  }
}
