// What the peers' answers have in common: keys and quantities as the database has them.
import { type Answer, moment, type Transferred } from '../operations.ts';

/** An item whose lists were found already. */
export interface RawItem {
  readonly item: Answer;
  readonly tags?: Answer[];
  readonly levels?: Answer[];
  readonly lines?: { readonly totalCount: number; readonly nodes: Answer[] };
}

const named = (row: Answer) => (row ? { id: Number(row.id), name: row.name } : null);

/** An item in the words that all servers share. */
export function rawItem({ item, tags, levels, lines }: RawItem) {
  const { category, ...own } = item;
  return {
    ...own,
    id: Number(own.id),
    ...(own.createdAt && { createdAt: moment(own.createdAt) }),
    ...(own.updatedAt && { updatedAt: moment(own.updatedAt) }),
    ...(own.reorderPoint && { reorderPoint: Number(own.reorderPoint) }),
    ...(category && { category: { ...named(category), parent: named(category.parent) } }),
    ...(tags && { tags: tags.map(named) }),
    ...(levels && {
      levels: levels.map((level) => ({
        id: Number(level.id),
        onHand: Number(level.onHand),
        reserved: Number(level.reserved),
        location: { ...named(level.location), code: level.location.code },
      })),
    }),
    ...(lines && { lineCount: lines.totalCount, lines: lines.nodes.map(rawLine) }),
  };
}

function rawLine(line: Answer) {
  const { seq, occurredAt, ...movement } = line.movement;
  return {
    ...{ id: Number(line.id), from: line.from.code, to: line.to.code },
    ...{ quantity: Number(line.quantity) },
    ...{ fromAfter: Number(line.fromAfter), toAfter: Number(line.toAfter) },
    movement: { ...movement, seq: Number(seq), occurredAt: moment(occurredAt) },
  };
}

/** A page of movements in the words that all servers share. */
export function rawMovements(nodes: Answer[], hasNext: boolean) {
  const movements = nodes.map(({ id, seq, actor, occurredAt, recordedAt, ...movement }) => ({
    ...{ ...movement, id: Number(id), seq: Number(seq) },
    ...{ occurredAt: moment(occurredAt), recordedAt: moment(recordedAt) },
    actor: named(actor),
  }));
  return { hasNext, movements };
}

/** What a transfer came to. */
export function rawTransferred(result: Answer): Transferred {
  if (!result) return null;
  const { seq, fromAfter, toAfter } = result;
  return { seq: Number(seq), fromAfter: Number(fromAfter), toAfter: Number(toAfter) };
}
