import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../../context.ts';
import { isTimedOut } from '../faults.ts';
import { compileQuery } from './compile.ts';
import { PlanRun, type Selection } from './plan.ts';

const ROOT = { id: 0 };

const plans = new WeakMap<DocumentNode, Map<string, Selection | null>>();

/** The plan of an operation, made once for each parsed document; null when it has none. */
export function planOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
): Selection | null {
  let ofDocument = plans.get(document);
  if (!ofDocument) {
    ofDocument = new Map();
    plans.set(document, ofDocument);
  }
  const name = operationName ?? '';
  let plan = ofDocument.get(name);
  if (plan === undefined) {
    const operation = getOperationAST(document, operationName);
    plan = operation ? compileQuery(schema, document, operation) : null;
    ofDocument.set(name, plan);
  }
  return plan;
}

/**
 * Answers a query by its plan.
 * @returns the answer's `data` as JSON, or null when the general executor has to answer: it has no
 *   plan, its variables cannot be used, or something in it fails. What is wrong, the executor says.
 * @throws what took too long: the executor would take as long again.
 */
export async function answerByPlan({
  schema,
  document,
  operationName,
  variableValues,
  contextValue,
}: ExecutionArgs): Promise<string | null> {
  const plan = planOf(schema, document, operationName);
  const operation = plan && getOperationAST(document, operationName);
  if (!operation) return null;
  const variables = getVariableValues(
    schema,
    operation.variableDefinitions ?? [],
    variableValues ?? {},
  );
  if (!variables.coerced) return null;
  const run = new PlanRun(contextValue as Context, variables.coerced);
  try {
    await plan.load([ROOT], run);
    return plan.write(ROOT, run);
  } catch (error) {
    if (isTimedOut(error)) throw error;
    return null;
  }
}

/** Has queries answered by their plans, and by the general executor where there is none. */
export function usePlans(): Plugin<Context> {
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      if (!planOf(args.schema, args.document, args.operationName)) return;
      const execute = executeFn as (args: ExecutionArgs) => Promise<ExecutionResult>;
      setExecuteFn((async (each: ExecutionArgs) => {
        const data = await answerByPlan(each);
        return data === null ? execute(each) : planned(data);
      }) as typeof executeFn);
    },
  };
}

/** An answer whose data is text already, with what plugins add to it. */
function planned(data: string): object {
  return {
    stringify: ({ extensions }: ExecutionResult) =>
      extensions
        ? `{"data":${data},"extensions":${JSON.stringify(extensions)}}`
        : `{"data":${data}}`,
  };
}
