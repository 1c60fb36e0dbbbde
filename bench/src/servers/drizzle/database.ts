import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { POOL_SIZE, setting } from '../listen.ts';
import { relations } from './tables.ts';

const client = new pg.Pool({
  connectionString: setting('DATABASE_URL'),
  max: POOL_SIZE,
  idleTimeoutMillis: 0,
});

export const db = drizzle({ client, relations });
