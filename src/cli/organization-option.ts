import { InvalidArgumentError, Option } from 'commander';
import { findOwner } from '../access/organization.service.ts';
import type { Viewer } from '../access/viewer.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { CommandError } from './command-error.ts';

/** The option that names an organization. */
export const organizationOption = () =>
  new Option(
    '--organization <id>',
    'whose: an id that `organization list` shows; the first unless said',
  ).argParser(wholeId);

/** Reads an id as commands show them. */
export function wholeId(value: string): number {
  if (/^[1-9]\d{0,14}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('An id is a whole number.');
}

/**
 * The owner of the organization that the option names, or of the first one.
 * @throws CommandError when there is none.
 */
export async function ownerOf(
  em: EntityManager,
  organization: number | undefined,
): Promise<Viewer> {
  const owner = await findOwner(em, organization ?? null);
  if (owner) return owner;
  throw new CommandError(
    organization === undefined
      ? 'The database has no organization yet: start the server once, or run `quartermaster demo`.'
      : `There is no organization ${organization}: \`quartermaster organization list\` shows them.`,
  );
}
