import type { Logger } from 'pino';
import { ApiKey, Membership, User } from './src/access/access.entity.ts';
import { Barcode } from './src/catalog/barcode.entity.ts';
import { Category } from './src/catalog/category.entity.ts';
import { Item, ItemTag } from './src/catalog/item.entity.ts';
import { ItemWord } from './src/catalog/item-word.entity.ts';
import { Tag } from './src/catalog/tag.entity.ts';
import { readConfig } from './src/config.ts';
import { Organization } from './src/database/organization.entity.ts';
import { type DatabaseConfig, type OrmOptions, ormOptions } from './src/database/orm.ts';
import { JournalEntry, JournalHead } from './src/journal/journal.entity.ts';
import { Location } from './src/locations/location.entity.ts';
import { CountLine } from './src/stock/count-line.entity.ts';
import { Lot } from './src/stock/lot.entity.ts';
import { IdempotencyKey, Movement, MovementLine } from './src/stock/movement.entity.ts';
import { Reservation, ReservationLine } from './src/stock/reservation.entity.ts';
import { StockLevel } from './src/stock/stock-level.entity.ts';

const entities = [
  Organization,
  ...[JournalEntry, JournalHead],
  ...[User, Membership, ApiKey],
  ...[Location],
  ...[Category, Tag, Item, ItemTag, Barcode, ItemWord],
  ...[Lot, StockLevel, IdempotencyKey, Movement, MovementLine, CountLine],
  ...[Reservation, ReservationLine],
];

/** The ORM's options for the database that the settings name. */
export function quartermasterOrm(config: DatabaseConfig, log?: Logger): Partial<OrmOptions> {
  return ormOptions(config, entities, import.meta.dirname, log);
}

/** What the `mikro-orm` command asks for; it says a wrong setting in its own words. */
export default () => quartermasterOrm(readConfig());
