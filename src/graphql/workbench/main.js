import { createDock } from 'workbench/dock.js';
import { createExamples } from 'workbench/examples-dialog.js';
import { watchExchanges } from 'workbench/exchanges.js';
import { openTab } from 'workbench/graphiql-tabs.js';
import { part } from 'workbench/parts.js';
import { createTraceView } from 'workbench/trace-view.js';

/**
 * What the server tells the page.
 * @type {{
 *   readonly examples: readonly import('workbench/examples-dialog.js').Example[];
 *   readonly watched: import('workbench/exchanges.js').Watched;
 * }}
 */
const { examples, watched } = JSON.parse(part('workbench-facts').textContent ?? '');

createDock();
createExamples(examples, openTab);
watchExchanges(watched, createTraceView());
