import { foldKey } from '../database/key.ts';
import type { InputPath } from '../errors.ts';
import { barcodeTaken, type KnownBarcode } from './barcode.service.ts';

/** Who has which barcode while rows are gone through one by one: what one gives up, the next can take. */
export class BarcodeClaims {
  readonly #owners = new Map<string, string>();
  readonly #keys = new Map<string, readonly string[]>();

  constructor(known: readonly KnownBarcode[]) {
    const owned = Map.groupBy(known, (barcode) => barcode.owner);
    for (const [owner, barcodes] of owned) {
      this.#set(
        owner,
        barcodes.map(({ codeKey }) => codeKey),
      );
    }
  }

  /**
   * Gives an item these barcodes and no others.
   * @throws AlreadyExists when another item has one of them.
   */
  claim(owner: string, codes: readonly string[], path: InputPath): void {
    const keys = codes.map(foldKey);
    const conflict = keys.findIndex((key) => (this.#owners.get(key) ?? owner) !== owner);
    if (conflict >= 0) {
      throw barcodeTaken(codes[conflict] as string, [...path, String(conflict)]);
    }
    for (const key of this.#keys.get(owner) ?? []) this.#owners.delete(key);
    this.#set(owner, keys);
  }

  #set(owner: string, keys: readonly string[]): void {
    this.#keys.set(owner, keys);
    for (const key of keys) this.#owners.set(key, owner);
  }
}
