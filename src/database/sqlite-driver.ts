import { setTimeout as sleep } from 'node:timers/promises';
import type { Configuration, Dictionary } from '@mikro-orm/core';
import { AbstractSqlDriver, SqlitePlatform } from '@mikro-orm/sql';
import { SqliteConnection } from '@mikro-orm/sqlite';
import type { Database } from 'better-sqlite3';
import type { DatabaseConnection, Dialect } from 'kysely';
import { execute, releaseFailedBegin, rememberFailedBegin } from './begin.ts';
import { errorCode } from './error-code.ts';
import { CACHE_PRAGMA } from './sqlite-cache.ts';

/** How long a writer waits, in milliseconds, while another process writes the same file. */
const WRITE_LOCK_PATIENCE_MS = 1500;

/** The ORM indexes every foreign key on SQLite alone; ours are declared, so that both databases match. */
class DeclaredIndexesPlatform extends SqlitePlatform {
  override indexForeignKeys(): boolean {
    return false;
  }
}

/**
 * SQLite as a ledger needs it: WAL with full durability, one writer, readers on a connection of their
 * own, and a write lock that is waited for without stopping the event loop.
 */
class LedgerSqliteConnection extends SqliteConnection {
  override createKyselyDialect(options: Dictionary): Dialect {
    const readonly = this.type === 'read';
    const dialect = super.createKyselyDialect({ ...options, readonly, fileMustExist: readonly });
    // Here and now: whatever comes first on a connection may be two things at once, and what is set
    // inside a transaction is refused, or ignored.
    // The ORM keeps what it opened for itself until somebody waits for it.
    setUp((this as unknown as { readonly database: Database }).database, readonly);
    return rememberFailedBegin(dialect, beginImmediate);
  }

  override async begin(options: Parameters<SqliteConnection['begin']>[0] = {}) {
    const transaction = await super.begin(options);
    if (!options.ctx) await releaseFailedBegin(transaction);
    return transaction;
  }
}

function setUp(database: Database, readonly: boolean): void {
  database.pragma(CACHE_PRAGMA);
  if (readonly) return;
  database.pragma('foreign_keys = on');
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  // Without it `replace into` deletes rows of an append-only table past their triggers.
  database.pragma('recursive_triggers = on');
  // The driver would wait inside the event loop: `beginImmediate` waits outside of it.
  database.pragma('busy_timeout = 0');
}

/** A deferred BEGIN that reads first and writes later fails at once when another process wrote. */
async function beginImmediate(connection: DatabaseConnection): Promise<void> {
  const deadline = performance.now() + WRITE_LOCK_PATIENCE_MS;
  for (let tries = 1; ; tries += 1) {
    try {
      return await execute(connection, 'begin immediate');
    } catch (error) {
      if (!BUSY.test(errorCode(error)) || performance.now() >= deadline) throw error;
      await sleep(Math.min(20, tries) * (0.5 + Math.random()));
    }
  }
}

const BUSY = /^SQLITE_BUSY/;

export class LedgerSqliteDriver extends AbstractSqlDriver<SqliteConnection> {
  constructor(config: Configuration) {
    super(config, new DeclaredIndexesPlatform(), LedgerSqliteConnection, [
      'kysely',
      'better-sqlite3',
    ]);
  }
}
