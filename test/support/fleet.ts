import { expect } from '@jest/globals';
import { onPostgres } from './databases.ts';
import { audit, CLEAN } from './load.ts';
import { quartermaster } from './process.ts';
import type { Client } from './server.ts';
import { type Serving, startServing } from './serving.ts';
import { prepareTransfers, type Transfer, transferUnits } from './transfers.ts';

/** How many processes serve one database. */
export const PROCESSES = 3;

/** Starts several servers on one database of PostgreSQL, one after the other. */
export async function startFleet(
  url: string,
  key: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<Serving[]> {
  const fleet: Serving[] = [];
  while (fleet.length < PROCESSES) fleet.push(await startServing(url, key, { settings }));
  return fleet;
}

interface Told {
  readonly transfers: readonly Transfer[];
  readonly ms: number;
}

/**
 * Moves so many units one by one through several servers, and kills the last of them, which is under load,
 * when a third was acknowledged.
 * @param clientOf says through whom each is sent, as `transferUnits` does.
 */
export async function transferThroughKill(
  count: number,
  fleet: readonly Serving[],
  clientOf: (number: number, tries: number) => Client,
): Promise<Told> {
  const victim = fleet.at(-1) as Serving;
  await prepareTransfers((fleet[0] as Serving).client, count);
  const started = performance.now();
  let killed: Promise<unknown> | undefined;
  const transfers = await transferUnits(count, clientOf, (answered) => {
    if (answered >= count / 3) killed ??= victim.process.stop('SIGKILL');
  });
  const ms = performance.now() - started;
  expect(await killed).toMatchObject({ code: null, signal: 'SIGKILL' });
  return { transfers, ms };
}

/**
 * Holds a database to what was acknowledged: every transfer is there once and as it was told, nothing else
 * is, the journal has no gap, and the ledger adds up.
 */
export async function expectNothingLost(
  url: string,
  client: Client,
  { transfers, ms }: Told,
): Promise<void> {
  const booked = await onPostgres(
    url,
    `select reference as key, seq::int from movements where kind = 'TRANSFER' order by seq`,
  );
  const told = transfers.map(({ key, seq }) => ({ key, seq })).sort((a, b) => a.seq - b.seq);
  expect(booked).toEqual(told);
  const { item } = await client.run(LEVELS);
  expect(item.stockLevels.nodes).toEqual([
    { location: { code: 'SUPPLIER' }, onHand: `-${transfers.length}` },
    { location: { code: 'LEFT' }, onHand: '0' },
    { location: { code: 'RIGHT' }, onHand: String(transfers.length) },
  ]);
  const [journal] = await onPostgres(
    url,
    'select count(*)::int as entries, min(seq)::int as first, max(seq)::int as last from journal_entries',
  );
  expect(journal).toMatchObject({ first: 1, entries: journal?.['last'] });
  expect(await audit(client)).toEqual(CLEAN);
  const verified = await quartermaster(['verify'], { DATABASE_URL: url });
  expect(verified).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Clean: /m) });
  console.log(figures({ transfers, ms }));
}

/** Ends servers as they should end; none had a fault that nobody caught, or that it had to log. */
export async function expectCleanEnds(fleet: readonly Serving[]): Promise<void> {
  for (const { process } of fleet) {
    const { code, stderr } = await process.stop();
    expect(code).toBe(0);
    expect(stderr).not.toMatch(/unhandled|uncaught|"level":(50|60)/i);
  }
}

const LEVELS = `{
  item(by: { sku: "WHEEL" }) {
    stockLevels(first: 10) { nodes { onHand location { code } } }
  }
}`;

function figures({ transfers, ms }: Told): string {
  const again = transfers.filter(({ tries }) => tries > 1);
  const replayed = transfers.filter((each) => each.replayed);
  return (
    `${transfers.length} transfers in ${(ms / 1000).toFixed(1)} s; ` +
    `${again.length} sent again, ${replayed.length} of them done without an answer`
  );
}
