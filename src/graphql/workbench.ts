import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FILES } from '../files.ts';
import { readExamples } from './examples.ts';
import { TRACE_HEADER, TRACE_VALUE } from './trace-extension.ts';

const MODULES = join(FILES, 'graphql/workbench');

/** How GraphiQL names the operation by which it asks for the schema: nobody's answer to look at. */
export const SCHEMA_OPERATION = 'SchemaForGraphiQL';

/** What the page needs besides GraphiQL to show traces and examples. */
interface Workbench {
  /** For the page's head. */
  readonly head: string;
  /** What stands below GraphiQL. */
  readonly body: string;
}

/**
 * Reads the workbench: modules for the browser as they are, its elements, and the examples. All of it
 * goes into the page, which so needs no other address: each module is a `data:` address in an import map.
 */
export function readWorkbench(): Workbench {
  const read = (file: string) => readFileSync(join(MODULES, file), 'utf8');
  const modules = globSync('*.js', { cwd: MODULES }).map((file) => [
    `workbench/${file}`,
    `data:text/javascript;charset=utf-8,${encodeURIComponent(read(file))}`,
  ]);
  const facts = {
    examples: readExamples(),
    watched: {
      introspection: SCHEMA_OPERATION,
      traceHeader: TRACE_HEADER,
      traceValue: TRACE_VALUE,
    },
  };
  return {
    head: `<style>${read('workbench.css')}</style>
      <script type="importmap">${inScript({ imports: Object.fromEntries(modules) })}</script>`,
    body: `${read('workbench.html')}
      <script type="application/json" id="workbench-facts">${inScript(facts)}</script>
      <script type="module">import 'workbench/main.js';</script>`,
  };
}

/** JSON that may stand in a script element: no text in it ends the element. */
const inScript = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');
