import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MigrationObject } from '@mikro-orm/core';
import pg from 'pg';
import { type Logger, pino } from 'pino';
import { quartermasterOrm } from '../../mikro-orm.config.ts';
import type { DatabaseAddress } from '../../src/config.ts';
import type { Orm } from '../../src/database/entity-manager.ts';
import { type DatabaseConfig, openOrm } from '../../src/database/orm.ts';

/** Every feature test runs on each of these. */
export const DATABASES = ['sqlite', 'postgresql'] as const;
export type DatabaseName = (typeof DATABASES)[number];

export const silent = pino({ level: 'silent' });

/** A database of a test's own. */
export interface TestDatabase {
  readonly address: DatabaseAddress;
  /** What `DATABASE_URL` says to get there. */
  readonly url: string;
  /** Removes it. Whoever opened it has closed it before. */
  drop(): Promise<void>;
}

/** Settings as a test needs them. */
function databaseConfig(address: DatabaseAddress): DatabaseConfig {
  return { database: address, logSql: false, preparedStatements: true, poolSize: 16 };
}

/** How a test may differ from the others in opening its database. */
export interface OpenOptions {
  readonly log?: Logger;
  readonly settings?: Partial<DatabaseConfig>;
  /** All migrations that there are, instead of those in the project's directory. */
  readonly migrations?: MigrationObject[];
}

export function openDatabase(
  address: DatabaseAddress,
  { log = silent, settings = {}, migrations }: OpenOptions = {},
): Promise<Orm> {
  const options = quartermasterOrm({ ...databaseConfig(address), ...settings }, log);
  if (!migrations) return openOrm(options);
  return openOrm({ ...options, migrations: { ...options.migrations, migrationsList: migrations } });
}

/** A new database with every migration applied, or with none. */
export async function createDatabase(
  name: DatabaseName,
  { migrated = true } = {},
): Promise<TestDatabase> {
  const unique = `quartermaster_${crypto.randomUUID().replaceAll('-', '')}`;
  if (name === 'sqlite') return createSqlite(`${unique}.db`, migrated);
  await administer(`create database ${unique}${migrated ? ` template ${templateName()}` : ''}`);
  return {
    address: { dialect: 'postgresql', url: postgresUrl(unique) },
    url: postgresUrl(unique),
    drop: () => administer(`drop database ${unique} with (force)`),
  };
}

async function createSqlite(fileName: string, migrated: boolean): Promise<TestDatabase> {
  const file = inTestDirectory(fileName);
  if (migrated) await copyFile(inTestDirectory('template.db'), file);
  // The directory is removed as a whole after the tests.
  return {
    address: { dialect: 'sqlite', file },
    url: `sqlite:${file}`,
    drop: () => Promise.resolve(),
  };
}

/** Migrates one database of each kind, for the others to be copies of it. */
export async function makeTemplates(): Promise<void> {
  await administer(`create database ${templateName()}`);
  const addresses: DatabaseAddress[] = [
    { dialect: 'sqlite', file: inTestDirectory('template.db') },
    { dialect: 'postgresql', url: postgresUrl(templateName()) },
  ];
  for (const address of addresses) {
    const orm = await openDatabase(address);
    await orm.migrator.up();
    await orm.close();
  }
}

export const dropTemplate = (): Promise<void> =>
  administer(`drop database if exists ${templateName()} with (force)`);

/** A path for a file that is removed after the tests. */
export const inTestDirectory = (name: string): string => join(setting('TEST_DIRECTORY'), name);

const templateName = (): string =>
  `quartermaster_template_${setting('TEST_DIRECTORY').slice(-6).toLowerCase().replace(/\W/g, '_')}`;

function postgresUrl(database: string): string {
  const url = new URL(setting('TEST_POSTGRES'));
  url.pathname = `/${database}`;
  return url.href;
}

/** Runs a statement as the administrator of the PostgreSQL server. */
export async function administer(sql: string): Promise<void> {
  await onPostgres(setting('TEST_POSTGRES'), sql);
}

/** Runs a statement on a PostgreSQL database, past the server. */
export async function onPostgres(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: the tests' global setup did not run`);
  return value;
}
