import { Migration } from '@mikro-orm/migrations';
import { writeAllWords } from '../../src/catalog/item-words.ts';

/** Makes the items that are there already found by their words. */
export class Migration20261126000001 extends Migration {

  override name = 'Migration20261126000001';

  override async up(): Promise<void> {
    await writeAllWords(this.getEntityManager());
  }

  /** The words go with their table. */
  override down(): void {}

}
