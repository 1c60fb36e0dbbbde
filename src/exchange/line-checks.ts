import { toUnits } from '../database/quantity.ts';
import { DomainError, InvalidInput } from '../errors.ts';
import type { LocationReference } from '../locations/location.service.ts';
import type { NamedItem, NamedPlace, Names } from '../stock/names.ts';
import type { FileMovement, MovementLineRow } from './file-movement.ts';
import type { MOVEMENT_COLUMNS } from './movement-columns.ts';
import type { Problem } from './problem.ts';

type Column = keyof typeof MOVEMENT_COLUMNS;

/** Looks up what the lines of one movement name, and keeps every problem that there is. */
export class LineChecks {
  readonly problems: Problem[] = [];
  readonly #movement: FileMovement;
  readonly #names: Names;

  constructor(movement: FileMovement, names: Names) {
    this.#movement = movement;
    this.#names = names;
  }

  /** Tells a problem of a row. */
  refuse(line: MovementLineRow, column: Column, message: string): void {
    this.problems.push(line.problem(column, { code: 'INVALID_INPUT', message }));
  }

  item(line: MovementLineRow): NamedItem | null {
    return this.#attempt(line, 'sku', () => {
      const { sku } = line.values;
      if (!sku) throw new InvalidInput(`A ${this.#kind} needs an item.`, []);
      return this.#names.item({ sku }, []);
    });
  }

  place(line: MovementLineRow, column: 'from' | 'to', by: LocationReference): NamedPlace | null {
    return this.#attempt(line, column, () => this.#names.place(by, []));
  }

  /** A quantity of an item; above 0 if it is one that moves. */
  quantity(
    line: MovementLineRow,
    column: 'quantity' | 'counted' | 'expected',
    item: NamedItem | null,
  ) {
    this.#attempt(line, column, () => {
      const text = line.values[column];
      if (!text) throw new InvalidInput(`A ${this.#kind} needs it.`, []);
      const least = column === 'quantity' ? 1 : column === 'counted' ? 0 : Number.NEGATIVE_INFINITY;
      if ((item ? toUnits(text, item.decimals, []) : signOf(text)) >= least) return;
      throw new InvalidInput(`It must ${least === 1 ? 'be greater than' : 'not be below'} 0.`, []);
    });
  }

  get #kind(): string {
    return String(this.#movement.head.kind).toLowerCase();
  }

  #attempt<T>(line: MovementLineRow, column: Column, work: () => T): T | null {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const { code, message } = error;
      this.problems.push(line.problem(column, { code, message }));
      return null;
    }
  }
}

/** Whether a decimal number is below 0, or 0, or above, where it is not known how it is counted. */
function signOf(decimal: string): number {
  if (!/[1-9]/.test(decimal)) return 0;
  return decimal.startsWith('-') ? -1 : 1;
}
