import { CompiledQuery, type DatabaseConnection, type Dialect, type Driver } from 'kysely';

type Begin = Driver['beginTransaction'];
type Transaction = {
  getExecutor(): {
    provideConnection<T>(use: (connection: DatabaseConnection) => Promise<T>): Promise<T>;
  };
  rollback(): { execute(): Promise<void> };
};

const failures = new WeakMap<DatabaseConnection, unknown>();

/**
 * Makes a failing BEGIN or ROLLBACK harmless. kysely 0.29.6 takes a connection for a transaction and never gives
 * it back when one of them throws, so one busy moment would hang every later transaction. Here BEGIN
 * never throws: it remembers the failure on the connection, and `releaseFailedBegin` raises it after the
 * connection went back.
 */
export function rememberFailedBegin(dialect: Dialect, begin?: Begin): Dialect {
  const createDriver = dialect.createDriver.bind(dialect);
  dialect.createDriver = () => {
    const driver = createDriver();
    const tryBegin = begin ?? driver.beginTransaction.bind(driver);
    const rollback = driver.rollbackTransaction.bind(driver);
    driver.beginTransaction = async (connection, settings) => {
      try {
        await tryBegin(connection, settings);
      } catch (error) {
        failures.set(connection, error);
      }
    };
    driver.rollbackTransaction = async (connection) => {
      // Nothing was begun: there is nothing to roll back, only the connection to release.
      if (failures.delete(connection)) return;
      try {
        await rollback(connection);
      } catch {
        // The connection is dead, or the database ended the transaction by itself, as SQLite does
        // when the disk is full. kysely would keep the connection; what broke the transaction is
        // thrown anyway.
      }
    };
    return driver;
  };
  return dialect;
}

/** Gives the connection of a transaction that did not begin back, and throws what BEGIN threw. */
export async function releaseFailedBegin(transaction: Transaction): Promise<void> {
  const failure = await transaction
    .getExecutor()
    .provideConnection(async (connection) =>
      failures.has(connection) ? { error: failures.get(connection) } : undefined,
    );
  if (!failure) return;
  await transaction.rollback().execute();
  throw failure.error;
}

/** Runs a statement that has no parameters on a kysely connection. */
export async function execute(connection: DatabaseConnection, sql: string): Promise<void> {
  await connection.executeQuery(CompiledQuery.raw(sql));
}
