import type { MigrateOptions, MigrationDiff, MigrationInfo, MikroORM } from '@mikro-orm/core';
import {
  Migrator as BaseMigrator,
  MigrationRunner,
  TSMigrationGenerator,
} from '@mikro-orm/migrations';
import { type AbstractSqlDriver, type SqlEntityManager, SqlitePlatform } from '@mikro-orm/sql';
import {
  appendOnlyTables,
  POSTGRESQL_REFUSAL,
  postgresqlTrigger,
  sqliteTriggers,
} from './append-only.ts';

type AfterRun = NonNullable<Parameters<MigrationRunner['run']>[2]>;
type TransactionContext = Parameters<AfterRun>[0];
type MasterTransaction = Parameters<MigrationRunner['setMasterMigration']>[0];

/** How long, in milliseconds, a migration waits for another process that writes the SQLite file. */
const MIGRATION_PATIENCE_MS = 10_000;

/** A server gives its statements little time; a migration takes what it needs. */
const WITHOUT_TIME_LIMITS = [
  'set local statement_timeout = 0',
  'set local lock_timeout = 0',
  'set local idle_in_transaction_session_timeout = 0',
];

/** Ends each migration, inside its transaction, with what the schema generator leaves out. */
class GuardedRunner extends MigrationRunner {
  #transaction: MasterTransaction | undefined;

  override setMasterMigration(transaction: MasterTransaction): void {
    super.setMasterMigration(transaction);
    this.#transaction = transaction;
  }

  override async run(
    migration: Parameters<MigrationRunner['run']>[0],
    method: 'up' | 'down',
    afterRun?: AfterRun,
  ): Promise<void> {
    if (this.#transaction && !isSqlite(this.driver)) {
      for (const sql of WITHOUT_TIME_LIMITS) await this.#all(sql, this.#transaction);
    }
    return super.run(migration, method, async (transaction) => {
      if (isSqlite(this.driver)) await this.#refuseDanglingKeys(transaction);
      await this.#restoreTriggers(transaction);
      await afterRun?.(transaction);
    });
  }

  async #refuseDanglingKeys(transaction: TransactionContext): Promise<void> {
    const dangling = await this.#all('pragma foreign_key_check', transaction);
    if (dangling.length === 0) return;
    const first = JSON.stringify(dangling.slice(0, 5));
    throw new Error(`The migration leaves ${dangling.length} dangling foreign keys: ${first}`);
  }

  /** SQLite drops a table's triggers with the table, and every column change rebuilds the table. */
  async #restoreTriggers(transaction: TransactionContext): Promise<void> {
    const sqlite = isSqlite(this.driver);
    const present = await this.#all(
      sqlite
        ? `select name from sqlite_master where type = 'table'`
        : `select tablename as name from pg_tables where schemaname = current_schema()`,
      transaction,
    );
    const names = new Set(present.map(({ name }) => name));
    const tables = appendOnlyTables(this.driver.getMetadata().getAll().values());
    const existing = tables.filter((table) => names.has(table));
    if (!sqlite && existing.length > 0) await this.#all(POSTGRESQL_REFUSAL, transaction);
    const statements = existing.flatMap((table) =>
      sqlite ? sqliteTriggers(table) : [postgresqlTrigger(table)],
    );
    for (const statement of statements) await this.#all(statement, transaction);
  }

  #all(sql: string, transaction: TransactionContext): Promise<{ name?: string }[]> {
    return this.driver.execute(sql, [], 'all', transaction);
  }
}

/** The generator drops parents first on the way down, and does not say how to undo a first migration. */
class ReversibleGenerator extends TSMigrationGenerator {
  override generateMigrationFile(className: string, diff: MigrationDiff): string {
    const cascade = isSqlite(this.driver) ? '' : ' cascade';
    const down = diff.down.length > 0 ? childrenFirst(diff.down) : dropsOf(diff.up, cascade);
    return super.generateMigrationFile(className, { ...diff, down });
  }
}

const DROP_TABLE = /^drop table if exists/i;

/** Reverses each run of `drop table`, because the generator lists parents before children. */
function childrenFirst(statements: readonly string[]): string[] {
  const ordered: string[] = [];
  let drops: string[] = [];
  for (const statement of statements) {
    if (DROP_TABLE.test(statement.trim())) {
      drops.unshift(statement);
      continue;
    }
    ordered.push(...drops, statement);
    drops = [];
  }
  return [...ordered, ...drops];
}

/** What undoes a migration that only creates tables: the tables dropped, children first. */
function dropsOf(up: readonly string[], cascade: string): string[] {
  const tables = up.flatMap((sql) => /^create table ("|`)(\w+)\1/i.exec(sql.trim())?.[2] ?? []);
  return tables.reverse().map((table) => `drop table if exists "${table}"${cascade};`);
}

const isSqlite = (driver: { getPlatform(): unknown }) =>
  driver.getPlatform() instanceof SqlitePlatform;

/** How the migrations of a database stand to those that are known, by their names. */
interface Comparison {
  /** To be run yet. */
  readonly pending: readonly string[];
  /** Run by a later version. */
  readonly unknown: readonly string[];
}

/**
 * Migrations that cannot lose rows. The stock migrator switches foreign keys off inside the
 * transaction, where SQLite ignores it, so that rebuilding a parent table deletes its children.
 * `MikroORM.init` recognises the extension by its class name, which must be `Migrator`.
 */
export class Migrator extends BaseMigrator {
  static override register(orm: MikroORM): void {
    const make = () => new Migrator(orm.em as SqlEntityManager<AbstractSqlDriver>);
    orm.config.registerExtension('@mikro-orm/migrator', make);
  }

  /** Compares what is known here with what was run on the database, which is looked at once. */
  async compare(): Promise<Comparison> {
    await this.init();
    const known = (await this.discoverMigrations()).map(({ name }) => name);
    const executed = await this.storage.executed();
    return {
      pending: known.filter((name) => !executed.includes(name)),
      unknown: executed.filter((name) => !known.includes(name)),
    };
  }

  protected override createRunner(): MigrationRunner {
    return new GuardedRunner(this.driver, this.options, this.config);
  }

  protected override getDefaultGenerator(): TSMigrationGenerator {
    return new ReversibleGenerator(this.driver, this.config.getNamingStrategy(), this.options);
  }

  protected override async runMigrations(
    method: 'up' | 'down',
    options?: string | string[] | MigrateOptions,
  ): Promise<MigrationInfo[]> {
    if (!isSqlite(this.driver)) return super.runMigrations(method, options);
    await this.driver.execute('pragma foreign_keys = off');
    await this.driver.execute(`pragma busy_timeout = ${MIGRATION_PATIENCE_MS}`);
    try {
      return await super.runMigrations(method, options);
    } finally {
      await this.driver.execute('pragma busy_timeout = 0');
      await this.driver.execute('pragma foreign_keys = on');
    }
  }
}
