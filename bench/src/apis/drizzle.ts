import type { Answer, Api, Ask, ReadName } from '../operations.ts';
import type { Base } from '../setup/dataset-shape.ts';
import { rawItem, rawMovements, rawTransferred } from './raw.ts';

const LINES = (first: number) => `movementLines(first: ${first}) {
  totalCount
  nodes {
    id quantity fromAfter toAfter from { code } to { code }
    movement { seq kind reference occurredAt }
  }
}`;

const CATALOG = `category { id name parent { id name } }
  tags(first: 10) { id name }
  levels: stockLevels(first: 10) { id onHand reserved location { id code name } }`;

const items = (first: number, fields: string) => `
  items(organization: $organization, first: ${first}, after: $after) { nodes { id ${fields} } }`;

const DOCUMENTS: Readonly<Record<ReadName, string>> = {
  Q1: `query Q1($organization: Int!, $after: String) {
    ${items(50, 'sku name unit decimals createdAt')}
  }`,
  Q2: `query Q2($organization: Int!, $after: String) { ${items(50, `sku name decimals ${CATALOG}`)} }`,
  Q3: `query Q3($organization: Int!, $after: String) { ${items(25, `sku decimals ${LINES(5)}`)} }`,
  Q4: `query Q4($organization: Int!, $id: Int!) {
    item(organization: $organization, id: $id) {
      id sku name description unit decimals tracking attributes reorderPoint
      archivedAt createdAt updatedAt version ${CATALOG} ${LINES(10)}
    }
  }`,
  Q5: `query Q5($organization: Int!, $after: String) {
    movements(organization: $organization, first: 50, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes { id seq kind reference occurredAt recordedAt actor { id name } }
    }
  }`,
};

const TRANSFER = `mutation M1($input: TransferInput!) {
  stockTransfer(input: $input) { seq fromAfter toAfter replayed }
}`;

const CURSOR = `query($organization: Int!) {
  items(organization: $organization, first: 1) { pageInfo { endCursor } }
}`;

/** Yoga, Pothos and Drizzle over the product's own tables. */
export async function drizzleApi(ask: Ask, base: Base): Promise<Api> {
  const { organization, user: actor } = base;
  const { data } = await ask({ query: CURSOR, variables: { organization } });
  const sample = Buffer.from(data.items.pageInfo.endCursor, 'base64').toString();
  const cursor = (id: number) => Buffer.from(sample.replace(/\d+$/, String(id))).toString('base64');
  return {
    read: (operation, { afterItem, item, afterMovement }) => {
      const query = DOCUMENTS[operation];
      if (operation === 'Q4') return { query, variables: { organization, id: item } };
      const after = cursor(operation === 'Q5' ? afterMovement : afterItem);
      return { query, variables: { organization, after } };
    },
    rows,
    transfer: ({ key, item, from, to, quantity }) => {
      const input = { organization, actor, idempotencyKey: key, item, from, to, quantity };
      return { query: TRANSFER, variables: { input } };
    },
    transferred: (answer) => rawTransferred(answer.data?.stockTransfer),
    transferMark: '"toAfter":',
  };
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
