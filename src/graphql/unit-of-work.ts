import {
  DirectiveLocation,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLBoolean,
  GraphQLDirective,
  GraphQLError,
  GraphQLNonNull,
  getDirectiveValues,
  getOperationAST,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';
import { dialectOf } from '../database/dialect.ts';
import type { EntityManager } from '../database/entity-manager.ts';
import { run, runAcrossOrganizations, Statement } from '../database/statement.ts';
import { inTransaction, isConflict } from '../database/transaction.ts';
import { Loaders } from './loading.ts';

/** How long, in milliseconds, an operation may hold one transaction. */
const LONGEST_UNIT_MS = 2000;
/** How long, in milliseconds, a unit waits for a row that another writer holds. */
const LONGEST_LOCK_WAIT_MS = 5;
/** How often a unit is tried: it gives way to every writer that is ahead of it. */
const TRIES = 15;

const ATOMIC = new GraphQLDirective({
  name: 'atomic',
  description:
    'Runs all fields of a mutation in one transaction: all of them, or nothing. After a refusal or a ' +
    'fault no later field is run, and every other field is null with the error ROLLED_BACK.',
  locations: [DirectiveLocation.MUTATION],
});

const DRY_RUN = new GraphQLDirective({
  name: 'dryRun',
  description:
    'Answers what a mutation would answer, and then undoes it. Ids and places in the journal are ' +
    'provisional; `extensions.dryRun` is true.',
  locations: [DirectiveLocation.MUTATION],
  args: {
    if: {
      type: new GraphQLNonNull(GraphQLBoolean),
      defaultValue: true,
      description: 'Whether to undo it.',
    },
  },
});

/** The directives that a mutation can carry. */
export const UNIT_DIRECTIVES: readonly GraphQLDirective[] = [ATOMIC, DRY_RUN];

interface UnitOptions {
  readonly atomic: boolean;
  readonly dryRun: boolean;
}

/** The one transaction of a mutation that carries one of the directives. */
export class UnitOfWork {
  readonly #atomic: boolean;
  readonly #deadline = performance.now() + LONGEST_UNIT_MS;
  /** The response key of the field that ended the unit. */
  failed: string | undefined;
  /** A conflict between transactions, after which the whole unit is tried again. */
  conflict: unknown;

  constructor(atomic: boolean) {
    this.#atomic = atomic;
  }

  get expired(): boolean {
    return performance.now() > this.#deadline;
  }

  /** Does the work of one field in the unit's transaction. Without `@atomic` it can fail alone. */
  async run<T>(
    key: string,
    em: EntityManager,
    work: (em: EntityManager) => Promise<T>,
  ): Promise<T> {
    if (this.failed !== undefined || this.conflict || this.expired) throw new NotRun();
    try {
      return this.#atomic ? await work(em) : await em.transactional(work);
    } catch (error) {
      if (isConflict(error)) this.conflict = error;
      if (this.#atomic) this.failed = key;
      throw error;
    }
  }
}

/** A field that was not run, because one before it ended the unit. Its error is replaced. */
class NotRun extends Error {}

/** Carries an answer out of a transaction that is rolled back. */
class RolledBack extends Error {
  readonly result: ExecutionResult;

  constructor(result: ExecutionResult) {
    super('rolled back');
    this.result = result;
  }
}

/** Gives mutations that carry `@atomic` or `@dryRun` their one transaction. */
export function useUnitOfWork(): Plugin<Context> {
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const options = unitOptions(args);
      if (!options) return;
      const execute = executeFn as (args: ExecutionArgs) => Promise<ExecutionResult>;
      setExecuteFn(((each: ExecutionArgs) => runUnit(each, execute, options)) as typeof executeFn);
    },
  };
}

function unitOptions(args: ExecutionArgs): UnitOptions | null {
  const operation = getOperationAST(args.document, args.operationName);
  if (operation?.operation !== 'mutation') return null;
  const variables = args.variableValues ?? {};
  const atomic = getDirectiveValues(ATOMIC, operation) !== undefined;
  const dryRun = getDirectiveValues(DRY_RUN, operation, variables)?.['if'] === true;
  return atomic || dryRun ? { atomic, dryRun } : null;
}

async function runUnit(
  args: ExecutionArgs,
  execute: (args: ExecutionArgs) => Promise<ExecutionResult>,
  { atomic, dryRun }: UnitOptions,
): Promise<ExecutionResult> {
  const context = args.contextValue as Context;
  const { organizationId } = context.viewer;
  try {
    const work = async (em: EntityManager) => {
      await prepare(em, organizationId);
      const unit = new UnitOfWork(atomic);
      const loaders = new Loaders(em, organizationId);
      const result = await execute({ ...args, contextValue: { ...context, em, loaders, unit } });
      if (unit.conflict) throw unit.conflict;
      if (unit.expired) throw new RolledBack(timedOut());
      const answer = atomic ? undoneAfter(unit, result) : result;
      if (dryRun || answer !== result) throw new RolledBack(answer);
      return answer;
    };
    return await inTransaction(context.em, work, { tries: TRIES });
  } catch (error) {
    if (!(error instanceof RolledBack)) {
      return { errors: [new GraphQLError('', { originalError: error as Error })] };
    }
    const { result } = error;
    return dryRun ? { ...result, extensions: { ...result.extensions, dryRun: true } } : result;
  }
}

/** The answer as it is, or, when a field failed, without what the others say that is undone. */
function undoneAfter(unit: UnitOfWork, result: ExecutionResult): ExecutionResult {
  const [firstError] = result.errors ?? [];
  const culprit = unit.failed ?? firstError?.path?.[0];
  if (culprit === undefined || !result.data) return result;
  const others = Object.keys(result.data).filter((key) => key !== culprit);
  const data = { ...result.data, ...Object.fromEntries(others.map((key) => [key, null])) };
  const own = (result.errors ?? []).filter(({ path }) => path?.[0] === culprit);
  const extensions = { code: 'ROLLED_BACK', failedPath: [culprit] };
  const rolledBack = others.map((key) => {
    const message = `Nothing of it was done, because \`${culprit}\` was not.`;
    return new GraphQLError(message, { path: [key], extensions });
  });
  const errors = [...own, ...rolledBack];
  return { ...result, data, ...(errors.length > 0 && { errors }) };
}

function timedOut(): ExecutionResult {
  const message = `The operation took longer than ${LONGEST_UNIT_MS} ms. Nothing of it was done.`;
  return { errors: [new GraphQLError(message, { extensions: { code: 'TIMEOUT' } })] };
}

const HOLD_JOURNAL = new Statement<unknown>(
  () => `select seq from journal_heads where organization_id = $1 for update`,
);

const LIMIT = new Statement<unknown>(
  () => `select set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true)`,
);

/**
 * A unit cannot lock as one movement does, levels first and the journal last: it does not know the
 * levels of its later fields. So it takes the journal first, which puts all units of an organization
 * in one queue, and then waits for no level: a writer that holds it waits for the journal.
 * On SQLite there is one writer, and nothing to wait for.
 */
async function prepare(em: EntityManager, organizationId: number): Promise<void> {
  if (dialectOf(em).name === 'sqlite') return;
  await run(em, organizationId, HOLD_JOURNAL);
  const limits = [`${LONGEST_UNIT_MS}ms`, `${LONGEST_LOCK_WAIT_MS}ms`];
  await runAcrossOrganizations(em, LIMIT, limits);
}
