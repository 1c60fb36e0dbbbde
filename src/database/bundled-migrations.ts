import type { MigrationObject } from '@mikro-orm/core';
import type { DatabaseAddress } from '../config.ts';

/**
 * Null where the sources run: there each migration is a file. In a build the list of them all, which
 * `scripts/build.ts` puts in the place of this file: a file of its own would bring an ORM of its own.
 */
export const bundledMigrations: Record<DatabaseAddress['dialect'], MigrationObject[]> | null = null;
