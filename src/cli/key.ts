import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { ROLES, type Role } from '../access/access.entity.ts';
import { createApiKey, revokeApiKey } from '../access/api-key.service.ts';
import { findApiKeys, type KnownApiKey } from '../access/known-keys.ts';
import { createMembership } from '../access/membership.service.ts';
import { PERMISSIONS, type Permission } from '../access/permissions.ts';
import type { Viewer } from '../access/viewer.ts';
import { readConfig } from '../config.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { inTransaction } from '../database/transaction.ts';
import { withDatabase } from './database.ts';
import { existing } from './existing.ts';
import { organizationOption, ownerOf, wholeId } from './organization-option.ts';
import { table } from './table.ts';

/** `quartermaster key` */
export function keyCommand(): Command {
  return new Command('key')
    .description('Makes, lists and revokes API keys.')
    .addCommand(create())
    .addCommand(list())
    .addCommand(revoke())
    .addHelpText('after', ENVIRONMENT);
}

const ENVIRONMENT = `
The server may be running meanwhile: it knows of each change within a second.

Environment:
  DATABASE_URL           postgres://… or sqlite:path (default sqlite:quartermaster.db)`;

interface CreateOptions {
  readonly role: Role;
  readonly scope?: readonly Permission[];
  readonly expires?: Date;
  readonly organization?: number;
}

function create(): Command {
  return new Command('create')
    .description('Makes a member with a key of their own, and shows the key this once.')
    .argument('<name>', 'what the member and the key are called')
    .addOption(new Option('--role <role>', 'what it may do').choices(ROLES).default('CLERK'))
    .addOption(
      new Option('--scope <permissions...>', 'narrows what it may do besides reading').choices(
        Object.keys(PERMISSIONS),
      ),
    )
    .addOption(new Option('--expires <time>', 'until when, such as 2027-01-31').argParser(time))
    .addOption(organizationOption())
    .addHelpText('after', ENVIRONMENT)
    .action((name: string, options: CreateOptions) =>
      asOwner(options.organization, async (em, owner) => {
        const { role, scope, expires } = options;
        const { id } = await createMembership(em, owner, { name, role });
        const made = { membership: id, name, scopes: scope ?? null, expiresAt: expires ?? null };
        const { key } = await createApiKey(em, owner, made);
        return `The key of ${name} (${role}), shown this once:\n  ${key}`;
      }),
    );
}

function time(value: string): Date {
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) throw new InvalidArgumentError('It is a time, as 2027-01-31.');
  return date;
}

function list(): Command {
  return new Command('list')
    .description('Lists the keys, without what they are.')
    .addOption(organizationOption())
    .addHelpText('after', ENVIRONMENT)
    .action(({ organization }: { organization?: number }) =>
      asOwner(organization, async (em, { organizationId }) =>
        table(
          ['id', 'begins with', 'name', 'member', 'role', 'scopes', 'last used', 'state'],
          (await findApiKeys(em, organizationId)).map(row),
        ),
      ),
    );
}

const row = (key: KnownApiKey): string[] => [
  String(key.id),
  key.prefix,
  key.name,
  key.member,
  key.role,
  key.scopes?.join(',') || (key.scopes ? 'READ' : 'all'),
  key.lastUsedAt?.toISOString() ?? 'never',
  stateOf(key),
];

function stateOf({ revokedAt, removedAt, expiresAt }: KnownApiKey): string {
  if (revokedAt) return `revoked ${revokedAt.toISOString()}`;
  if (removedAt) return `member removed ${removedAt.toISOString()}`;
  if (!expiresAt) return 'good';
  return `${expiresAt.getTime() > Date.now() ? 'good until' : 'expired'} ${expiresAt.toISOString()}`;
}

function revoke(): Command {
  return new Command('revoke')
    .description('Revokes a key: within a second it lets nobody in.')
    .addArgument(new Argument('<id>', 'an id that `key list` shows').argParser(wholeId))
    .addOption(organizationOption())
    .addHelpText('after', ENVIRONMENT)
    .action((apiKey: number, { organization }: { organization?: number }) =>
      asOwner(organization, async (em, owner) => {
        const { name, prefix } = await revokeApiKey(em, owner, { apiKey });
        return `The key ${prefix}… (${name}) is revoked.`;
      }),
    );
}

/** Does something in a transaction for the owner of an organization, and prints what it gives. */
function asOwner(
  organization: number | undefined,
  work: (em: EntityManager, owner: Viewer) => Promise<string>,
): Promise<void> {
  const config = existing(readConfig());
  return withDatabase(config, { migrate: 'never' }, async ({ orm }) => {
    const said = await inTransaction(orm.em, async (em) => {
      return work(em, await ownerOf(em, organization));
    });
    console.log(said);
  });
}
