/** @typedef {{ setValue(text: string): void; uri: { path: string } }} Model */
/** @typedef {{ getModel(): Model | null; setValue(text: string): void; focus(): void }} Editor */

/**
 * Opens an operation in a new tab of GraphiQL, ready to run. GraphiQL has no call for that: its own
 * button makes the tab, and Monaco, which the page lets be seen, has the editors.
 * @param {{ readonly query: string; readonly variables: string }} operation
 */
export function openTab({ query, variables }) {
  control('.graphiql-tab-add').click();
  const editor = editorOf('operation.graphql');
  editor.setValue(query);
  editorOf('variables.json').setValue(variables);
  control(
    `.graphiql-editor-tools [data-name="${variables === '' ? 'headers' : 'variables'}"]`,
  ).click();
  editor.focus();
}

/**
 * @param {string} selector
 * @returns {HTMLElement}
 */
function control(selector) {
  const found = document.querySelector(selector);
  if (found instanceof HTMLElement) return found;
  throw new Error(`GraphiQL has no ${selector} yet, or no more.`);
}

/**
 * @param {string} file as GraphiQL names what is edited.
 * @returns {Editor}
 */
function editorOf(file) {
  /** @type {Editor[]} */
  const editors = Reflect.get(window, 'monaco').editor.getEditors();
  const found = editors.find((each) => each.getModel()?.uri.path.endsWith(file));
  if (!found) throw new Error(`GraphiQL has no editor of ${file} yet, or no more.`);
  return found;
}
