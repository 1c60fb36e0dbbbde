// A process that writes the database of DATABASE_URL beside others: as many tags as its argument says.
import { quartermasterOrm } from '../../mikro-orm.config.ts';
import { findFirstOwner } from '../../src/access/organization.service.ts';
import { createTag } from '../../src/catalog/tag.service.ts';
import { readConfig } from '../../src/config.ts';
import { openOrm } from '../../src/database/orm.ts';
import { inTransaction } from '../../src/database/transaction.ts';
import { createLog } from '../../src/log.ts';

const config = readConfig();
const orm = await openOrm(quartermasterOrm(config, createLog(config)));
const owner = await findFirstOwner(orm.em.fork());
if (!owner) throw new Error('The database has no organization');
console.log('ready');
for (let index = 0; index < Number(process.argv[2]); index += 1) {
  await inTransaction(orm.em, (em) => createTag(em, owner, { name: `other ${index}` }));
}
await orm.close();
