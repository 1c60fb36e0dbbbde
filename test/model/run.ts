import { expect } from '@jest/globals';
import { formatUnits } from '../../src/database/quantity.ts';
import { sweepReservations } from '../../src/stock/sweeper.ts';
import { createItem, createLocation } from '../support/factories.ts';
import type { TestServer } from '../support/server.ts';
import type { Command } from './commands.ts';
import {
  ITEMS,
  type ItemName,
  keyOf,
  type Line,
  LOTS,
  ModelLedger,
  type Outcome,
  type PlaceName,
} from './ledger.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are read as they come
type Answer = any;

interface Call {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** How many clients a burst has. */
const CLIENTS = 12;
const HOUR_MS = 3_600_000;
/** Hours from the beginning of a run at which reservations expire at first, if at all. */
const FIRST_EXPIRY = 1000;

const MOVEMENT = `movement {
  id seq
  lines(first: 100) {
    nodes { item { sku } lot { code } from { code } to { code } quantity fromAfter toAfter }
  }
}`;
const REFUSALS = `__typename ... on Error { message }
  ... on InsufficientStock { shortages { item { sku } location { code } requested available } }`;
const POSTED = `${REFUSALS} ... on StockSuccess { replayed ${MOVEMENT} }`;
const RESERVED = '... on ReservationSuccess { replayed reservation { id reference } }';

const ASKED: Readonly<Record<string, string>> = {
  stockReserve: `${REFUSALS} ${RESERVED}`,
  reservationExtend: `__typename ... on Error { message } ${RESERVED}`,
  reservationRelease: `__typename ... on Error { message } ${RESERVED}`,
  reservationFulfil: `${POSTED} ${RESERVED}`,
};

const STATE = `{
  journal { headSeq }
  stockLevels(first: 100) {
    nodes { item { sku } location { code } lot { code } onHand reserved available }
  }
  reservations(first: 100) {
    nodes { reference state lines { item { sku } location { code } lot { code } quantity fulfilled } }
  }
}`;

const decimal = (item: ItemName, units: number): string => formatUnits(units, ITEMS[item].decimals);

/** One run: commands against the server and the model, which are to agree after each of them. */
export class ModelRun {
  readonly #server: TestServer;
  /** Another server on the same database, as another process would be. */
  readonly #other: TestServer;
  readonly #authorization: string;
  readonly #begun = Date.now();
  #ledger = new ModelLedger(0);
  /** Ids of the server, by the movement's `seq` and by the reservation's index. */
  readonly #movementIds = new Map<number, string>();
  readonly #reservationIds: string[] = [];
  /** What succeeded, to be sent again. */
  readonly #done: { readonly call: Call; readonly answer: Answer }[] = [];
  #keys = 0;
  /** Every answer, as it came. */
  readonly transcript: unknown[] = [];

  private constructor(server: TestServer, other: TestServer, key: string) {
    this.#server = server;
    this.#other = other;
    this.#authorization = `Bearer ${key}`;
  }

  /** Begins a run in an organization of its own. */
  static async begin(server: TestServer, other: TestServer): Promise<ModelRun> {
    const run = new ModelRun(server, other, await server.otherOrganization());
    const own = {
      ...server,
      run: (document: string, values?: object) => run.#ask(document, values),
    };
    for (const [sku, facts] of Object.entries(ITEMS)) await createItem(own, sku, facts);
    await createLocation(own, 'HALL');
    await createLocation(own, 'SHELF', { parent: { code: 'HALL' } });
    await createLocation(own, 'YARD');
    const { journal } = await run.#ask('{ journal { headSeq } }');
    run.#ledger = new ModelLedger(journal.headSeq);
    return run;
  }

  /** Does one command, and fails where server and model differ. */
  async step(command: Command): Promise<void> {
    await this.#do(command);
    await this.#compare();
  }

  /** Fails unless the server's own audit of all organizations finds nothing. */
  async audit(): Promise<void> {
    const { ledgerAudit } = await this.#ask('{ ledgerAudit { differences { rule message } } }');
    expect(ledgerAudit.differences).toEqual([]);
  }

  async #ask(document: string, variables?: object, server = this.#server): Promise<Answer> {
    const headers = { authorization: this.#authorization };
    const { data, errors } = await server.ask(document, variables, headers);
    this.transcript.push(data);
    if (errors.length > 0) throw new Error(`Refused: ${JSON.stringify(errors)}`);
    return data;
  }

  async #do(command: Command): Promise<void> {
    const ledger = this.#ledger;
    switch (command.do) {
      case 'receive': {
        const { to, lines } = command;
        const sent = lines.map(({ item, lot, units }) => ({
          ...{ item: { sku: item }, quantity: decimal(item, units) },
          ...(lot && { lot: { code: lot, expiresOn: LOTS[item as 'MILK'][lot] } }),
        }));
        const call = this.#call('stockReceive', { to: { code: to }, lines: sent });
        return this.#agree(call, ledger.receive(to, lines));
      }
      case 'issue':
      case 'transfer': {
        const { from, to, lines } = command;
        const input = { from: { code: from }, to: { code: to }, lines: lines.map(lineInput) };
        const call = this.#call(command.do === 'issue' ? 'stockIssue' : 'stockTransfer', input);
        return this.#agree(call, ledger.move(from, to, lines));
      }
      case 'adjust': {
        const { place, lines } = command;
        const sent = lines.map(({ item, lot, units }) => ({
          ...{ item: { sku: item }, lot, delta: decimal(item, units) },
        }));
        const input = { location: { code: place }, reason: 'CORRECTION', lines: sent };
        return this.#agree(this.#call('stockAdjust', input), ledger.adjust(place, lines));
      }
      case 'count':
        return this.#count(command);
      case 'reverse': {
        const movement = ledger.movements[command.nth % Math.max(1, ledger.movements.length)];
        const id = this.#movementIds.get(movement?.seq ?? 0) ?? 'none';
        return this.#agree(
          this.#call('movementReverse', { movement: id }),
          ledger.reverse(movement),
        );
      }
      case 'reserve': {
        const expires = command.expires ? FIRST_EXPIRY : null;
        const lines = command.lines.map((line) => ({
          ...lineInput(line),
          location: { code: line.place },
        }));
        const reference = `R${ledger.reservations.length}`;
        const input = { reference, lines, expiresAt: expires && this.#time(expires) };
        return this.#agree(
          this.#call('stockReserve', input),
          ledger.reserve(command.lines, expires),
        );
      }
      case 'fulfil': {
        const { index, id } = this.#reservation(command.nth);
        const { part } = command;
        const lines = part && [{ ...lineInput({ ...part, lot: null }) }];
        const call = this.#call('reservationFulfil', { reservation: id, ...(lines && { lines }) });
        return this.#agree(call, ledger.fulfil(index, part));
      }
      case 'release': {
        const { index, id } = this.#reservation(command.nth);
        const call = this.#call('reservationRelease', { reservation: id });
        return this.#agree(call, ledger.release(index));
      }
      case 'extend': {
        const { index, id } = this.#reservation(command.nth);
        const hours = (ledger.reservations[index]?.expires ?? FIRST_EXPIRY) + 10;
        const expiresAt = this.#time(hours);
        const call = this.#call('reservationExtend', { reservation: id, expiresAt });
        return this.#agree(call, ledger.extend(index, hours));
      }
      case 'runOut':
        return this.#runOut(command.nth);
      case 'sweep':
        await sweepReservations(this.#server.orm);
        return ledger.sweep();
      case 'replay':
      case 'mismatch':
        return this.#sendAgain(command);
      case 'asOf':
        return this.#asOf(command);
      case 'page':
        return this.#page(command);
      case 'burst':
        return this.#burst(command);
      case 'pair':
        return this.#pair(command);
    }
  }

  #time(hours: number): string {
    return new Date(this.#begun + hours * HOUR_MS).toISOString();
  }

  #call(name: string, input: object): Call {
    this.#keys += 1;
    return { name, input: { idempotencyKey: `key ${this.#keys}`, ...input } };
  }

  async #send({ name, input }: Call, server = this.#server): Promise<Answer> {
    const title = `${name[0]?.toUpperCase()}${name.slice(1)}`;
    const document = `mutation ($input: ${title}Input!) {
      ${name}(input: $input) { ${ASKED[name] ?? POSTED} }
    }`;
    return (await this.#ask(document, { input }, server))[name];
  }

  /** Sends a call, and compares its answer with what the model says of it. */
  async #agree(call: Call, outcome: Outcome): Promise<void> {
    const answer = await this.#send(call);
    this.#compareAnswer(call, answer, outcome);
    if (outcome.type === 'Success') this.#done.push({ call, answer });
  }

  #compareAnswer({ name }: Call, answer: Answer, outcome: Outcome): void {
    const title = `${name[0]?.toUpperCase()}${name.slice(1)}Success`;
    expect(answer.__typename).toBe(outcome.type === 'Success' ? title : outcome.type);
    const { shortages, movement, reservation } = outcome;
    if (shortages) {
      expect(answer.shortages.map(shortageText).toSorted()).toEqual(
        shortages.map(unitsAsDecimals).toSorted(),
      );
    }
    if (movement) {
      expect(answer.movement.seq).toBe(movement.seq);
      expect(answer.movement.lines.nodes.map(lineText)).toEqual(movement.lines.map(modelLineText));
      this.#movementIds.set(movement.seq, answer.movement.id);
    }
    if (reservation !== undefined) {
      expect(answer.reservation.reference).toBe(`R${reservation}`);
      this.#reservationIds[reservation] = answer.reservation.id;
    }
  }

  #reservation(nth: number): { index: number; id: string } {
    const index = nth % Math.max(1, this.#ledger.reservations.length);
    return { index, id: this.#reservationIds[index] ?? 'none' };
  }

  #count(command: Extract<Command, { do: 'count' }>): Promise<void> {
    const { place, zero, release } = command;
    const lines = command.lines.map(({ expects, ...line }) => {
      const { onHand = 0 } = this.#ledger.levels.get(keyOf({ ...line, place })) ?? {};
      const expected = { right: onHand, wrong: onHand + 1, nothing: null }[expects];
      return { ...line, expected };
    });
    const call = this.#call('stockCount', {
      location: { code: place },
      unlisted: zero ? 'ZERO' : 'KEEP',
      onReserved: release ? 'RELEASE_NEWEST' : 'REFUSE',
      lines: lines.map(({ item, lot, units, expected }) => ({
        ...{ item: { sku: item }, lot, counted: decimal(item, units) },
        expected: expected === null ? null : decimal(item, expected),
      })),
    });
    return this.#agree(call, this.#ledger.count(place, lines, { zero, release }));
  }

  async #runOut(nth: number): Promise<void> {
    const { index, id } = this.#reservation(nth);
    if (id === 'none') return;
    const key = Buffer.from(id, 'base64url').toString().split(':')[1];
    const past = this.#server.url.startsWith('sqlite:') ? '1' : "'1970-01-02'";
    const connection = this.#server.orm.em.getConnection('write');
    await connection.execute(`update reservations set expires_at = ${past} where id = ${key}`);
    this.#ledger.runOut(index);
  }

  /** The same key with the same input does nothing again, and with another input is refused. */
  async #sendAgain(command: Extract<Command, { do: 'replay' | 'mismatch' }>): Promise<void> {
    const done = this.#done[command.nth % Math.max(1, this.#done.length)];
    if (!done) return;
    if (command.do === 'replay') {
      expect(await this.#send(done.call)).toEqual({ ...done.answer, replayed: true });
      return;
    }
    const other = this.#call('stockIssue', {
      from: { code: 'YARD' },
      lines: [lineInput({ item: 'BOLT', lot: null, units: 1 })],
    });
    const { idempotencyKey } = done.call.input;
    const answer = await this.#send({ ...other, input: { ...other.input, idempotencyKey } });
    expect(answer.__typename).toBe('IdempotencyMismatch');
  }

  async #asOf({ nth, item, at }: Extract<Command, { do: 'asOf' }>): Promise<void> {
    const ledger = this.#ledger;
    const [first = 0] = ledger.history.keys();
    const seq = first + (nth % (ledger.seq - first + 1));
    const found = await this.#ask(
      `query ($sku: String!, $code: String!, $seq: SafeInt!) {
        item(by: { sku: $sku }) {
          there: onHand(at: { code: $code }, asOf: { seq: $seq })
          anywhere: onHand(asOf: { seq: $seq })
          now: onHand(at: { code: $code })
        }
      }`,
      { sku: item, code: at, seq },
    );
    const there: PlaceName[] = at === 'HALL' ? ['HALL', 'SHELF'] : [at];
    expect(found.item).toEqual({
      there: decimal(item, ledger.onHand(item, there, seq)),
      anywhere: decimal(item, ledger.onHand(item, ['HALL', 'SHELF', 'YARD'], seq)),
      now: decimal(item, ledger.onHand(item, there)),
    });
  }

  /** Reads a list page by page, from either end, and compares all of it. */
  async #page({ list, size, back }: Extract<Command, { do: 'page' }>): Promise<void> {
    const lists = this.#lists();
    const { at, node, expected } = lists[list % lists.length] as (typeof lists)[number];
    const [open, close] = at.includes('{') ? [at, '}'] : [at, ''];
    const read: Answer[] = [];
    let cursor: string | null = null;
    for (;;) {
      const found: Answer = await this.#ask(
        `query ($size: Int!, $cursor: String) {
          ${open}(${back ? 'last: $size, before: $cursor' : 'first: $size, after: $cursor'}) {
            totalCount
            nodes { ${node} }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
          } ${close}
        }`,
        { size, cursor },
      );
      const page = found.item
        ? Object.values<Answer>(found.item)[0]
        : Object.values<Answer>(found)[0];
      expect(page.totalCount).toBe(expected.length);
      expect(page.nodes.length).toBe(Math.min(size, expected.length - read.length));
      if (back) read.unshift(...page.nodes);
      else read.push(...page.nodes);
      const more = back ? page.pageInfo.hasPreviousPage : page.pageInfo.hasNextPage;
      expect(back ? page.pageInfo.hasNextPage : page.pageInfo.hasPreviousPage).toBe(
        cursor !== null,
      );
      if (!more) break;
      cursor = back ? page.pageInfo.startCursor : page.pageInfo.endCursor;
    }
    expect(read.map((each) => JSON.stringify(each))).toEqual(
      expected.map((each) => JSON.stringify(each)),
    );
  }

  /** The lists that are read, with what is in them by the model. */
  #lists(): { at: string; node: string; expected: object[] }[] {
    const { movements, reservations } = this.#ledger;
    const lines = movements.flatMap((movement) => movement.lines);
    const line = ({ item, units }: Line) => ({ quantity: decimal(item, units) });
    const reference = (index: number) => ({ reference: `R${index}` });
    const ofItem = (item: ItemName) => [
      {
        at: `item(by: { sku: "${item}" }) { movementLines`,
        node: 'quantity',
        expected: lines
          .filter((each) => each.item === item)
          .map(line)
          .toReversed(),
      },
      {
        at: `item(by: { sku: "${item}" }) { reservations`,
        node: 'reference',
        expected: reservations
          .flatMap((each, index) => (each.lines.some((held) => held.item === item) ? [index] : []))
          .map(reference)
          .toReversed(),
      },
    ];
    return [
      { at: 'movements', node: 'seq', expected: movements.map(({ seq }) => ({ seq })) },
      { at: 'movementLines', node: 'quantity', expected: lines.map(line) },
      { at: 'reservations', node: 'reference', expected: [...reservations.keys()].map(reference) },
      ...(Object.keys(ITEMS) as ItemName[]).flatMap(ofItem),
    ];
  }

  /** Many clients of two servers, each for the same: as many succeed as one after the other would. */
  async #burst({ place, units }: Extract<Command, { do: 'burst' }>): Promise<void> {
    const line = { item: 'BOLT', lot: null, units } as const;
    const input = { from: { code: place }, lines: [lineInput(line)] };
    const calls = Array.from({ length: CLIENTS }, () => this.#call('stockIssue', input));
    const transcribed = this.transcript.length;
    const servers = [this.#server, this.#other];
    const answers = await Promise.all(
      calls.map((call, index) => this.#send(call, servers[index % servers.length])),
    );
    // Who came first is a matter of chance.
    this.transcript.splice(transcribed);
    const outcomes = calls.map(() => this.#ledger.move(place, 'CUSTOMER', [line]));
    const bySeq = new Map(answers.map((answer) => [answer.movement?.seq, answer]));
    const refused = answers.filter(({ movement }) => !movement);
    for (const outcome of outcomes) {
      const answer = outcome.movement ? bySeq.get(outcome.movement.seq) : refused.pop();
      expect(answer).toBeDefined();
      this.#compareAnswer({ name: 'stockIssue', input }, answer, outcome);
    }
    expect(refused).toEqual([]);
  }

  /** Two mutations in one request: what is read after the second is not what the first left. */
  async #pair({ place, units }: Extract<Command, { do: 'pair' }>): Promise<void> {
    const line = { item: 'BOLT', lot: null, units } as const;
    const lines = [lineInput(line)];
    const read = `... on StockSuccess {
      movement { id seq lines { nodes { item { onHand(at: { code: "${place}" }) } } } }
    }`;
    const { receive, issue } = await this.#ask(
      `mutation ($receive: StockReceiveInput!, $issue: StockIssueInput!) {
        receive: stockReceive(input: $receive) { ${read} }
        issue: stockIssue(input: $issue) { ${read} }
      }`,
      {
        receive: this.#call('stockReceive', { to: { code: place }, lines }).input,
        issue: this.#call('stockIssue', { from: { code: place }, lines }).input,
      },
    );
    const places: PlaceName[] = place === 'HALL' ? ['HALL', 'SHELF'] : [place];
    const outcomes = [
      [receive, () => this.#ledger.receive(place, [line])],
      [issue, () => this.#ledger.move(place, 'CUSTOMER', [line])],
    ] as const;
    for (const [answer, happen] of outcomes) {
      const { movement } = happen();
      const onHand = decimal('BOLT', this.#ledger.onHand('BOLT', places));
      expect(answer.movement.seq).toBe(movement?.seq);
      expect(answer.movement.lines.nodes).toEqual([{ item: { onHand } }]);
      this.#movementIds.set(answer.movement.seq, answer.movement.id);
    }
  }

  /** Levels, reservations and the journal's length, on both sides. */
  async #compare(): Promise<void> {
    const ledger = this.#ledger;
    const { journal, stockLevels, reservations } = await this.#ask(STATE);
    expect(journal.headSeq).toBe(ledger.seq);
    const found = stockLevels.nodes
      .filter((level: Answer) => level.onHand !== '0' || level.reserved !== '0')
      .map(levelText);
    const expected = [...ledger.levels.values()]
      .filter(({ onHand, reserved }) => onHand !== 0 || reserved !== 0)
      .map(({ item, place, lot, onHand, reserved }) => {
        const amounts = [onHand, reserved, onHand - reserved].map((units) => decimal(item, units));
        return [item, place, lot ?? '-', ...amounts].join(' ');
      });
    expect(found.toSorted()).toEqual(expected.toSorted());
    expect(reservations.nodes).toEqual(
      ledger.reservations.map(({ state, lines }, index) => ({
        reference: `R${index}`,
        state,
        lines: lines.map(({ item, place, lot, units, fulfilled }) => ({
          ...{ item: { sku: item }, location: { code: place }, lot: lot && { code: lot } },
          ...{ quantity: decimal(item, units), fulfilled: decimal(item, fulfilled) },
        })),
      })),
    );
  }
}

const lineInput = (line: { item: ItemName; lot: string | null; units: number }) => ({
  item: { sku: line.item },
  quantity: decimal(line.item, line.units),
  ...(line.lot && { lot: line.lot }),
});

const levelText = ({ item, location, lot, onHand, reserved, available }: Answer): string =>
  [item.sku, location.code, lot?.code ?? '-', onHand, reserved, available].join(' ');

const lineText = ({ item, lot, from, to, quantity, fromAfter, toAfter }: Answer): string =>
  [item.sku, lot?.code ?? '-', from.code, to.code, quantity, fromAfter, toAfter].join(' ');

const modelLineText = ({ item, lot, from, to, units, fromAfter, toAfter }: Line): string => {
  const amounts = [units, fromAfter, toAfter].map((each) => decimal(item, each));
  return [item, lot ?? '-', from, to, ...amounts].join(' ');
};

const shortageText = ({ item, location, requested, available }: Answer): string =>
  [item.sku, location.code, requested, available].join(' ');

function unitsAsDecimals(shortage: string): string {
  const [item, place, ...units] = shortage.split(' ') as [ItemName, string, string, string];
  return [item, place, ...units.map((each) => decimal(item, Number(each)))].join(' ');
}
