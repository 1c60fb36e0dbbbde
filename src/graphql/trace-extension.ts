import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';

/** The header by which a request asks to see its statements, and the value that it must have. */
export const TRACE_HEADER = 'x-trace';
export const TRACE_VALUE = 'sql';

/** Puts the statements of a request into `extensions.trace`, where the request asked for it. */
export function useTraceExtension(): Plugin<Context> {
  return {
    onExecute({ args }) {
      const { trace } = args.contextValue;
      if (!trace.kept) return undefined;
      return {
        onExecuteDone({ result, setResult }) {
          if (Symbol.asyncIterator in result) return;
          const ms = round(performance.now() - trace.startedAt);
          const statements = trace.statements.map(({ sql, ms: own, rows, batch }) => ({
            ...{ sql, ms: round(own), rows, batch },
          }));
          const extensions = {
            ...result.extensions,
            trace: { count: trace.count, ms, statements },
          };
          setResult({ ...result, extensions });
        },
      };
    },
  };
}

const round = (ms: number): number => Math.round(ms * 1000) / 1000;
