import {
  DataloaderType,
  type EntityClass,
  type MetadataStorage,
  MikroORM,
  type Options,
} from '@mikro-orm/core';
import { type AbstractSqlDriver, type Platform, SqlitePlatform } from '@mikro-orm/sql';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { bundledMigrations } from './bundled-migrations.ts';
import type { EntityManager, Orm } from './entity-manager.ts';
import { Migrator } from './migrator.ts';
import { logPool, type PoolWatch, timeWaits, type WatchedPool } from './pool.ts';
import { LedgerPostgreSqlDriver } from './postgresql-driver.ts';
import { SqlLog } from './sql-log.ts';
import { LedgerSqliteDriver } from './sqlite-driver.ts';

export type OrmOptions = Options<AbstractSqlDriver, EntityManager>;

/** How long PostgreSQL may take, in milliseconds, before it gives up. */
export interface TimeLimits {
  /** For a connection that is free, or a new one. */
  readonly connection: number;
  /** For one statement. */
  readonly statement: number;
  /** For a row that another transaction holds, before the work is tried anew. */
  readonly lock: number;
  /** Between two statements of a transaction. */
  readonly idle: number;
}

/** What the ORM needs to know of the settings. */
export interface DatabaseConfig
  extends Pick<Config, 'database' | 'logSql' | 'preparedStatements' | 'poolSize'> {
  /** Unlimited for commands: they work as long as there is work. */
  readonly timeLimits?: TimeLimits;
  /** From how many milliseconds on a statement is logged as slow; none is unless said. */
  readonly logSlowMs?: number | null;
  /** Who wants to know of the pool. */
  readonly poolWatch?: PoolWatch | null;
}

/** The ORM's options for whichever database the settings name; both databases share all else. */
export function ormOptions(
  config: DatabaseConfig,
  entities: EntityClass<object>[],
  baseDir: string,
  log?: Logger,
): Partial<OrmOptions> {
  const { dialect } = config.database;
  const migrations = `./migrations/${dialect}`;
  return {
    baseDir,
    entities,
    extensions: [Migrator],
    // A name that is mistyped is told, not made.
    ensureDatabase: false,
    dataloader: DataloaderType.NONE,
    colors: false,
    discovery: { afterDiscovered: fitColumns },
    schemaGenerator: { ignoreTriggers: true },
    migrations: {
      path: migrations,
      pathTs: migrations,
      glob: '!(*.d).{js,ts}',
      snapshotName: '.snapshot',
      // The snapshot is what `migration:create` wrote, not what a database happens to look like.
      snapshotOnMigrate: false,
      emit: 'ts',
      silent: log !== undefined,
      ...(bundledMigrations && { migrationsList: bundledMigrations[dialect] }),
    },
    ...(log && {
      loggerFactory: () =>
        new SqlLog(log, { echo: config.logSql, slowMs: config.logSlowMs ?? null }),
    }),
    ...(dialect === 'sqlite' ? sqliteOptions(config) : postgresqlOptions(config, log)),
  };
}

function sqliteOptions({ database }: DatabaseConfig): Partial<OrmOptions> {
  if (database.dialect !== 'sqlite') return {};
  return {
    driver: LedgerSqliteDriver,
    dbName: database.file,
    replicas: [{ name: 'reader' }],
  };
}

function postgresqlOptions(config: DatabaseConfig, log?: Logger): Partial<OrmOptions> {
  if (config.database.dialect !== 'postgresql') return {};
  return {
    driver: LedgerPostgreSqlDriver,
    clientUrl: config.database.url,
    pool: { min: 0, max: config.poolSize },
    driverOptions: {
      preparedStatements: config.preparedStatements,
      connectionTimeoutMillis: config.timeLimits?.connection ?? PATIENCE_MS,
      application_name: 'quartermaster',
      // Only a prepared statement has a plan that is kept; a pooler may take no such options.
      ...(config.preparedStatements && { options: sessionOptions(config) }),
      onPoolCreated: (pool: WatchedPool) => {
        if (log) logPool(pool, log);
        if (config.poolWatch) timeWaits(pool, config.poolWatch);
      },
    },
  };
}

/** How long, in milliseconds, a statement waits for a connection where no client waits for it. */
const PATIENCE_MS = 10_000;

/**
 * Has PostgreSQL plan a prepared statement once, and not again for each list of keys: every statement
 * goes along an index whatever its values are, and planning took up to nine times as long as running.
 */
const PLAN_ONCE = '-c plan_cache_mode=force_generic_plan';

/**
 * PostgreSQL's own figure is that of a disk whose head moves: with it a small table is read whole where
 * a look-up would do, once for each row of a page.
 */
const LOOK_UPS_ARE_CHEAP = '-c random_page_cost=1.1';

function sessionOptions({ timeLimits }: DatabaseConfig): string {
  const limits = timeLimits && [
    `-c statement_timeout=${timeLimits.statement}`,
    `-c lock_timeout=${timeLimits.lock}`,
    `-c idle_in_transaction_session_timeout=${timeLimits.idle}`,
  ];
  return [PLAN_ONCE, LOOK_UPS_ARE_CHEAP, ...(limits ?? [])].join(' ');
}

/** What the ORM's metadata says in a way that only one of the databases understands. */
function fitColumns(storage: MetadataStorage, platform: Platform): void {
  const sqlite = platform instanceof SqlitePlatform;
  const properties = [...storage.getAll().values()].flatMap((meta) => meta.props);
  for (const property of properties) {
    // SQLite keeps its row id in an `integer`, whatever the size, and reports it so.
    if (sqlite && property.autoincrement) property.columnTypes = ['integer'];
    // SQLite compares text by its bytes; PostgreSQL does so too where the collation is "C".
    if (!sqlite && property.columnTypes?.[0] === 'text') property.collation = 'C';
  }
}

/** Opens the database; a connection is made with the first statement. */
export function openOrm(options: Partial<OrmOptions>): Promise<Orm> {
  return MikroORM.init(options) as unknown as Promise<Orm>;
}
