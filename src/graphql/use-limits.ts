import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';
import { documentErrors, parseDocument } from './documents.ts';
import { priceOf } from './price.ts';

/**
 * Refuses whatever asks for more than one request may, before anything of it runs, and tells in
 * `extensions.cost` what the rest costs.
 */
export function useLimits(): Plugin<Context> {
  return {
    onParse({ setParseFn }) {
      setParseFn(parseDocument);
    },
    onValidate({ setValidationFn }) {
      setValidationFn(documentErrors);
    },
    onExecute({ args, setResultAndStopExecution }) {
      const { schema, document, operationName, variableValues } = args;
      const price = priceOf(schema, document, operationName, variableValues);
      if (!price) return undefined;
      const { cost, refusal } = price;
      const extensions = cost ? { cost } : {};
      if (refusal) {
        setResultAndStopExecution({ errors: [refusal], ...(cost && { extensions }) });
        return undefined;
      }
      return {
        onExecuteDone({ result, setResult }) {
          // Variables that cannot be used are found out last: nothing ran.
          if (Symbol.asyncIterator in result || (result.errors && !('data' in result))) return;
          setResult({ ...result, extensions: { ...result.extensions, ...extensions } });
        },
      };
    },
  };
}
