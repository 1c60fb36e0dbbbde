import type { Answer, Api, ReadName } from '../operations.ts';
import { skuKeyOf } from '../operations.ts';
import type { Base } from '../setup/dataset-shape.ts';
import { rawItem, rawMovements, rawTransferred } from './raw.ts';

/** The bare servers, which take the operation's name and its parameters. */
export function limitApi(base: Base): Api {
  const { organization, user: actor, journal } = base;
  return {
    read: (operation, { afterItem, item, afterMovement }) => {
      if (operation === 'Q4') return { operation, organization, id: item };
      const after = operation === 'Q5' ? afterMovement + journal : skuKeyOf(afterItem);
      return { operation, organization, after };
    },
    rows,
    transfer: ({ decimals, ...transfer }) => ({
      operation: 'M1',
      organization,
      actor,
      ...transfer,
    }),
    transferred: (answer) => rawTransferred(answer.seq ? answer : null),
    transferMark: 'toAfter"',
  };
}

function rows(operation: ReadName, answer: Answer): unknown {
  if (operation === 'Q4') return itemOf(answer);
  if (operation === 'Q5') return rawMovements(answer.movements, answer.hasNext);
  return answer.map(itemOf);
}

const itemOf = ({ tags, levels, lines, lineCount, ...item }: Answer) =>
  rawItem({ item, tags, levels, lines: lines && { totalCount: lineCount, nodes: lines } });
