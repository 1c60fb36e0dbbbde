import { Command } from 'commander';
import { GRAPHQL_PATH } from '../app.ts';
import { type Config, readConfig } from '../config.ts';
import { withDatabase } from './database.ts';
import { fillWithDemo } from './fill-with-demo.ts';
import { ensureOrganization } from './first-start.ts';

/** `quartermaster demo` */
export function demoCommand(): Command {
  return new Command('demo')
    .description('Fills an empty database with a small, lifelike sample: a bicycle workshop.')
    .option('--migrate', 'apply pending migrations on PostgreSQL too', false)
    .addHelpText('after', HELP)
    .action(({ migrate }: { migrate: boolean }) => demo(readConfig(), migrate));
}

const HELP = `
All of it is written, or nothing. A database that has any item, category, tag or location of yours
stays as it is. The server may be running meanwhile.

Environment:
  DATABASE_URL           postgres://… or sqlite:path (default sqlite:quartermaster.db)
  QUARTERMASTER_API_KEY  the owner's key to use if this is the first start

Example, beside a database that is in use:
  DATABASE_URL=sqlite:demo.db npx quartermaster demo
  DATABASE_URL=sqlite:demo.db npm start`;

function demo(config: Config, migrate: boolean): Promise<void> {
  return withDatabase(config, { migrate }, async ({ orm }) => {
    const { owner, newKey } = await ensureOrganization(orm.em, config);
    const shown = newKey === config.ownerKey ? null : newKey;
    // The key first: this is its only chance to be seen, whatever becomes of the sample.
    if (shown) console.log(`The owner's key, shown this once:\n  ${shown}\n`);
    const made = await fillWithDemo(orm.em, owner, new Date());
    const counts = Object.entries(made).map(([what, count]) => `${count} ${what}`);
    console.log(`The database holds a bicycle workshop now: ${counts.join(', ')}.\n`);
    console.log(nextSteps(config, shown));
  });
}

function nextSteps({ host, port }: Config, key: string | null): string {
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}${GRAPHQL_PATH}`;
  return [
    'Next, with the same settings, unless the server runs already:',
    '  npm start',
    key ? 'and open GraphiQL, signed in:' : "and open GraphiQL with the owner's key:",
    key ? `  ${url}?key=${key}` : `  ${url}`,
    'A first query is there to run. Another one, for the latest movements:',
    '  { movements(last: 3) { nodes { kind occurredAt reference note',
    '      lines { nodes { quantity item { name unit } from { name } to { name } } } } } }',
  ].join('\n');
}
