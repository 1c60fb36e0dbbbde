import type { Answer, Api, Ask, ReadName } from '../operations.ts';
import type { Base } from '../setup/dataset-shape.ts';
import { rawItem, rawMovements, rawTransferred } from './raw.ts';

const LINES = (first: number) => `movementLines(first: ${first}, orderBy: PRIMARY_KEY_DESC) {
  totalCount
  nodes {
    id: rowId quantity fromAfter toAfter from: fromLocation { code } to: toLocation { code }
    movement { seq kind reference occurredAt }
  }
}`;

const CATALOG = `category { id: rowId name parent { id: rowId name } }
  tags: tagsByItemTagItemIdAndTagIdList(first: 10, orderBy: NAME_KEY_ASC) { id: rowId name }
  levels: stockLevelsList(first: 10, orderBy: PRIMARY_KEY_ASC) {
    id: rowId onHand reserved location { id: rowId code name }
  }`;

/** In the dataset, ids rise as SKUs do: the primary key is the cheapest way to page here. */
const items = (first: number, fields: string) => `
  items(first: ${first}, after: $after, condition: { organizationId: $organization },
    orderBy: PRIMARY_KEY_ASC) { nodes { id: rowId ${fields} } }`;

const DOCUMENTS: Readonly<Record<ReadName, string>> = {
  Q1: `query Q1($organization: BigInt!, $after: Cursor) {
    ${items(50, 'sku name unit decimals createdAt')}
  }`,
  Q2: `query Q2($organization: BigInt!, $after: Cursor) {
    ${items(50, `sku name decimals ${CATALOG}`)}
  }`,
  Q3: `query Q3($organization: BigInt!, $after: Cursor) {
    ${items(25, `sku decimals ${LINES(5)}`)}
  }`,
  Q4: `query Q4($id: BigInt!) {
    item(rowId: $id) {
      id: rowId sku name description unit decimals tracking attributes reorderPoint
      archivedAt createdAt updatedAt version ${CATALOG} ${LINES(10)}
    }
  }`,
  Q5: `query Q5($organization: BigInt!, $after: Cursor) {
    movements(first: 50, after: $after, condition: { organizationId: $organization },
      orderBy: PRIMARY_KEY_DESC) {
      pageInfo { hasNextPage endCursor }
      nodes { id: rowId seq kind reference occurredAt recordedAt actor { id: rowId name } }
    }
  }`,
};

const TRANSFER = `mutation M1($input: BenchStockTransferInput!) {
  benchStockTransfer(input: $input) { result { seq fromAfter toAfter replayed } }
}`;

const CURSORS = `{
  items(first: 1, orderBy: PRIMARY_KEY_ASC) { pageInfo { endCursor } }
  movements(first: 1, orderBy: PRIMARY_KEY_DESC) { pageInfo { endCursor } }
}`;

/** PostGraphile over the product's own tables. */
export async function postgraphileApi(ask: Ask, base: Base): Promise<Api> {
  const { items: firstItem, movements: firstMovement } = (await ask({ query: CURSORS })).data;
  const organization = String(base.organization);
  return {
    read: (operation, { afterItem, item, afterMovement }) => {
      const query = DOCUMENTS[operation];
      if (operation === 'Q4') return { query, variables: { id: String(item) } };
      const after =
        operation === 'Q5' ? cursor(firstMovement, afterMovement) : cursor(firstItem, afterItem);
      return { query, variables: { organization, after } };
    },
    rows,
    transfer: ({ key, item, from, to, quantity }) => ({
      query: TRANSFER,
      variables: {
        input: {
          ...{ organization, actor: String(base.user), idempotencyKey: key, item: String(item) },
          ...{ fromPlace: String(from), toPlace: String(to), quantity: String(quantity) },
        },
      },
    }),
    transferred: ({ data }) => rawTransferred(data?.benchStockTransfer?.result),
    transferMark: '"toAfter":"',
  };
}

/** A cursor of the same ordering, at another row. */
function cursor(sample: { pageInfo: { endCursor: string } }, id: number): string {
  const parts = JSON.parse(Buffer.from(sample.pageInfo.endCursor, 'base64').toString());
  parts[parts.length - 1] = String(id);
  return Buffer.from(JSON.stringify(parts)).toString('base64');
}

function rows(operation: ReadName, { data }: Answer): unknown {
  if (operation === 'Q4') return itemOf(data.item);
  if (operation === 'Q5') {
    return rawMovements(data.movements.nodes, data.movements.pageInfo.hasNextPage);
  }
  return data.items.nodes.map(itemOf);
}

const itemOf = ({ tags, levels, movementLines: lines, ...item }: Answer) =>
  rawItem({ item, tags, levels, lines });
