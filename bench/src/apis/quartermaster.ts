import {
  type Answer,
  type Api,
  type Ask,
  moment,
  type ReadName,
  skuKeyOf,
  type Transfer,
  units,
} from '../operations.ts';

const LINES = `nodes {
  id quantity fromAfter toAfter from { code } to { code }
  movement { seq kind reference occurredAt }
}`;

const DOCUMENTS: Readonly<Record<ReadName, string>> = {
  Q1: `query Q1($after: String) {
    items(first: 50, after: $after) { nodes { id sku name unit decimals createdAt } }
  }`,
  Q2: `query Q2($after: String) {
    items(first: 50, after: $after) {
      nodes {
        id sku name decimals
        category { id name parent { id name } }
        tags(first: 10) { nodes { id name } }
        stockLevels(first: 10) { nodes { id onHand reserved location { id code name } } }
      }
    }
  }`,
  Q3: `query Q3($after: String) {
    items(first: 25, after: $after) {
      nodes { id sku decimals movementLines(first: 5) { totalCount ${LINES} } }
    }
  }`,
  Q4: `query Q4($id: ID!) {
    item(by: { id: $id }) {
      id sku name description unit decimals tracking attributes reorderPoint
      archivedAt createdAt updatedAt version
      category { id name parent { id name } }
      tags(first: 10) { nodes { id name } }
      stockLevels(first: 10) { nodes { id onHand reserved location { id code name } } }
      movementLines(first: 10) { totalCount ${LINES} }
    }
  }`,
  Q5: `query Q5($after: String) {
    movements(first: 50, after: $after, orderBy: { field: SEQ, direction: DESC }) {
      pageInfo { hasNextPage endCursor }
      nodes { id seq kind reference occurredAt recordedAt actor { id name } }
    }
  }`,
};

const TRANSFER = `mutation M1($input: StockTransferInput!) {
  stockTransfer(input: $input) {
    __typename
    ... on StockTransferSuccess { replayed movement { id seq } levels { onHand } }
  }
}`;

const CURSORS = `{
  items(first: 1) { pageInfo { endCursor } }
  movements(first: 1, orderBy: { field: SEQ, direction: DESC }) {
    nodes { id seq } pageInfo { endCursor }
  }
}`;

/** The product's own API. Its cursors are taken from it, and moved to where pages are to begin. */
export async function quartermasterApi(ask: Ask): Promise<Api> {
  const { items, movements } = (await ask({ query: CURSORS })).data;
  const [newest] = movements.nodes;
  // In the dataset, and nowhere else, ids and places in the journal differ by a constant.
  const seqBehindId = newest.seq - keyOf(newest.id);
  const cursor = (sample: { pageInfo: { endCursor: string } }, value: unknown, id: number) => {
    const [binding] = JSON.parse(Buffer.from(sample.pageInfo.endCursor, 'base64url').toString());
    return Buffer.from(JSON.stringify([binding, value, id])).toString('base64url');
  };
  return {
    read: (operation, { afterItem, item, afterMovement }) => {
      const query = DOCUMENTS[operation];
      if (operation === 'Q4') return { query, variables: { id: globalId('Item', item) } };
      const after =
        operation === 'Q5'
          ? cursor(movements, afterMovement + seqBehindId, afterMovement)
          : cursor(items, skuKeyOf(afterItem), afterItem);
      return { query, variables: { after } };
    },
    rows,
    transfer: ({ key, item, from, to, quantity, decimals }) => {
      const decimal = String(quantity / 10 ** decimals);
      const input = {
        idempotencyKey: key,
        from: { id: globalId('Location', from) },
        to: { id: globalId('Location', to) },
        lines: [{ item: { id: globalId('Item', item) }, quantity: decimal }],
      };
      return { query: TRANSFER, variables: { input } };
    },
    transferred: ({ data }, { decimals }: Transfer) => {
      const { movement, levels } = data?.stockTransfer ?? {};
      if (!movement) return null;
      const [from, to] = levels;
      return {
        seq: movement.seq,
        fromAfter: units(from.onHand, decimals),
        toAfter: units(to.onHand, decimals),
      };
    },
    transferMark: '"StockTransferSuccess"',
  };
}

const globalId = (type: string, id: number): string =>
  Buffer.from(`${type}:${id}`).toString('base64url');

const keyOf = (id: string): number => Number(Buffer.from(id, 'base64url').toString().split(':')[1]);

function rows(operation: ReadName, { data }: Answer): unknown {
  if (operation === 'Q4') return itemOf(data.item);
  if (operation === 'Q5') {
    const { nodes, pageInfo } = data.movements;
    return { hasNext: pageInfo.hasNextPage, movements: nodes.map(movementOf) };
  }
  return data.items.nodes.map(itemOf);
}

function movementOf(movement: Answer) {
  const { id, seq, kind, reference, occurredAt, recordedAt, actor } = movement;
  return {
    ...{ id: keyOf(id), seq, kind, reference },
    ...{ occurredAt: moment(occurredAt), recordedAt: moment(recordedAt) },
    actor: { id: keyOf(actor.id), name: actor.name },
  };
}

const named = (row: Answer) => (row ? { id: keyOf(row.id), name: row.name } : null);

/** Every part of an item that the document asked for. */
function itemOf({ category, tags, stockLevels, movementLines, ...item }: Answer) {
  const { decimals } = item;
  return {
    ...item,
    id: keyOf(item.id),
    ...(item.createdAt && { createdAt: moment(item.createdAt) }),
    ...(item.updatedAt && { updatedAt: moment(item.updatedAt) }),
    ...(item.reorderPoint && { reorderPoint: units(item.reorderPoint, decimals) }),
    ...(category && { category: { ...named(category), parent: named(category.parent) } }),
    ...(tags && { tags: tags.nodes.map(named) }),
    ...(stockLevels && {
      levels: stockLevels.nodes.map((level: Answer) => ({
        id: keyOf(level.id),
        onHand: units(level.onHand, decimals),
        reserved: units(level.reserved, decimals),
        location: { ...named(level.location), code: level.location.code },
      })),
    }),
    ...(movementLines && {
      lineCount: movementLines.totalCount,
      lines: movementLines.nodes.map((line: Answer) => ({
        ...{ id: keyOf(line.id), from: line.from.code, to: line.to.code },
        quantity: units(line.quantity, decimals),
        fromAfter: units(line.fromAfter, decimals),
        toAfter: units(line.toAfter, decimals),
        movement: { ...line.movement, occurredAt: moment(line.movement.occurredAt) },
      })),
    }),
  };
}
