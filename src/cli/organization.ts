import { Command } from 'commander';
import { generateApiKey } from '../access/api-key.service.ts';
import { findOrganizations } from '../access/organization.service.ts';
import { readConfig } from '../config.ts';
import { inTransaction } from '../database/transaction.ts';
import { withDatabase } from './database.ts';
import { existing } from './existing.ts';
import { foundOrganization } from './first-start.ts';
import { table } from './table.ts';

/** `quartermaster organization` */
export function organizationCommand(): Command {
  return new Command('organization')
    .description('Makes and lists organizations. None sees anything of another.')
    .addCommand(create())
    .addCommand(list())
    .addHelpText('after', ENVIRONMENT);
}

const ENVIRONMENT = `
The server may be running meanwhile.

Environment:
  DATABASE_URL           postgres://… or sqlite:path (default sqlite:quartermaster.db)`;

function create(): Command {
  return new Command('create')
    .description("Makes an organization, and shows its owner's key this once.")
    .argument('<name>', 'what it is called')
    .addHelpText('after', ENVIRONMENT)
    .action((name: string) =>
      withDatabase(existing(readConfig()), { migrate: 'never' }, async ({ orm }) => {
        const ownerKey = generateApiKey();
        const { organizationId } = await inTransaction(orm.em, (em) =>
          foundOrganization(em, { name, ownerKey }),
        );
        console.log(
          `Organization ${organizationId}. Its owner's key, shown this once:\n  ${ownerKey}`,
        );
      }),
    );
}

function list(): Command {
  return new Command('list')
    .description('Lists all organizations.')
    .addHelpText('after', ENVIRONMENT)
    .action(() =>
      withDatabase(existing(readConfig()), { migrate: 'never' }, async ({ orm }) => {
        const organizations = await findOrganizations(orm.em.fork());
        const rows = organizations.map(({ id, name }) => [String(id), name]);
        console.log(table(['id', 'name'], rows));
      }),
    );
}
