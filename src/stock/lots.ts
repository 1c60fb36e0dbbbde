import type { EntityManager } from '../database/entity-manager.ts';
import { foldKey } from '../database/key.ts';
import { madeOnce, type Row, tableOf } from '../database/rows.ts';
import { run, Statement } from '../database/statement.ts';
import { JsonRows } from '../database/statement-values.ts';
import { type InputPath, InvalidInput, NotFound } from '../errors.ts';
import { Lot } from './lot.entity.ts';
import type { NamedItem } from './names.ts';

/** Names a lot of an item. A receipt that names a new one makes it. */
export interface LotReference {
  readonly code: string;
  /** The last day on which it may be used, as `2026-11-22`; none unless said. */
  readonly expiresOn?: string | null | undefined;
}

/** A lot that a line names. */
export interface WantedLot {
  readonly item: NamedItem;
  readonly lot: LotReference;
  /** Whether the line may make it. */
  readonly create: boolean;
  /** Whether what it makes may have expired. */
  readonly past: boolean;
  readonly path: InputPath;
}

const CREATE = new Statement<never>(
  (dialect) => `insert into lots (organization_id, item_id, code, code_key, expires_on, expires_key,
      expires_down_key, created_at)
    select cast($1 as bigint), item, code, "codeKey", "expiresOn", "expiresKey", "expiresDownKey",
      ${dialect.time('$3')}
    from ${dialect.jsonRows('$2', NEW_LOT)} j where true order by item, "codeKey"
    on conflict (organization_id, item_id, code_key) do nothing`,
);

const NEW_LOT = {
  item: 'bigint',
  code: 'text',
  codeKey: 'text',
  expiresOn: 'date',
  expiresKey: 'text',
  expiresDownKey: 'text',
} as const;

/** The keys by which lots are ordered: those that never expire are last either way. */
const expiryKeys = (expiresOn: string | null) => ({
  expiresKey: expiresOn ?? '~',
  expiresDownKey: expiresOn ?? '',
});

const findStatement = madeOnce((em): Statement<Row<Lot>> => {
  const table = tableOf(em, Lot);
  return new Statement<Row<Lot>>(
    (dialect) => `select ${table.columns('x')}
      from ${dialect.jsonRows('$2', { item: 'bigint', codeKey: 'text' })} j
      ${dialect.orderedJoin} lots x on x.organization_id = $1 and x.item_id = j.item
        and x.code_key = j."codeKey"`,
    table.decode,
  );
});

const nameOf = (item: number, codeKey: string): string => `${item} ${codeKey}`;

/** The lots that lines name: found, or made, with two statements for any number of them. */
export class Lots {
  readonly #byName: ReadonlyMap<string, Row<Lot>>;

  private constructor(byName: ReadonlyMap<string, Row<Lot>>) {
    this.#byName = byName;
  }

  /** @throws InvalidInput when a new lot has expired, or a known one has another expiry. */
  static async find(
    em: EntityManager,
    organizationId: number,
    wanted: readonly WantedLot[],
  ): Promise<Lots> {
    if (wanted.length === 0) return new Lots(new Map());
    const rows = wanted.map(({ item, lot, create }) => ({
      ...{ item: item.id, code: lot.code.trim(), codeKey: foldKey(lot.code), create },
      expiresOn: lot.expiresOn ?? null,
      ...expiryKeys(lot.expiresOn ?? null),
    }));
    const made = rows.filter(({ create }) => create);
    if (made.length > 0) {
      wanted.filter(({ create, past }) => create && !past).forEach(refuseExpired);
      await run(em, organizationId, CREATE, [new JsonRows(made), new Date()]);
    }
    const found = await run(em, organizationId, findStatement(em), [new JsonRows(rows)]);
    const lots = new Lots(new Map(found.map((lot) => [nameOf(lot.item, lot.codeKey), lot])));
    for (const each of wanted) lots.#refuseOtherExpiry(each);
    return lots;
  }

  /** @throws NotFound when the item has no such lot. */
  get(item: NamedItem, { code }: LotReference, path: InputPath): Row<Lot> {
    const lot = this.#byName.get(nameOf(item.id, foldKey(code)));
    if (!lot) throw new NotFound(`The item ${item.sku} has no lot ${code}.`, path);
    return lot;
  }

  #refuseOtherExpiry({ item, lot, path }: WantedLot): void {
    if (typeof lot.expiresOn !== 'string') return;
    const { expiresOn } = this.get(item, lot, path);
    if (lot.expiresOn === expiresOn) return;
    const message = `The lot ${lot.code} expires on ${expiresOn ?? 'no day'}, not ${lot.expiresOn}.`;
    throw new InvalidInput(message, [...path, 'expiresOn']);
  }
}

/** Today, by the server's clock, in UTC. */
export const today = (): string => new Date().toISOString().slice(0, 10);

function refuseExpired({ lot: { code, expiresOn }, path }: WantedLot): void {
  if (typeof expiresOn !== 'string' || expiresOn >= today()) return;
  throw new InvalidInput(`The lot ${code} expired on ${expiresOn}.`, [...path, 'expiresOn']);
}
