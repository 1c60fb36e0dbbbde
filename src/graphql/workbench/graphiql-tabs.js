/** @typedef {{ getModel(): { uri: { path: string } } | null; setValue(text: string): void; focus(): void }} Editor */

/** As GraphiQL names what is edited. */
const OPERATION = 'operation.graphql';
const VARIABLES = 'variables.json';

/** How long GraphiQL may take to draw itself, in milliseconds: it is large. */
const LONGEST_DRAWING = 30_000;

/**
 * Opens an operation in a new tab of GraphiQL, ready to run, as soon as GraphiQL is there. It has no call
 * for that: its own button makes the tab, and Monaco, which the page lets be seen, has the editors.
 * @param {{ readonly query: string; readonly variables: string }} operation
 */
export async function openTab({ query, variables }) {
  await editorsDrawn();
  control('.graphiql-tab-add').click();
  editorOf(OPERATION)?.setValue(query);
  editorOf(VARIABLES)?.setValue(variables);
  const below = variables === '' ? 'headers' : 'variables';
  control(`.graphiql-editor-tools [data-name="${below}"]`).click();
  editorOf(OPERATION)?.focus();
}

/** @throws Error when they are not there after a long time. */
async function editorsDrawn() {
  const deadline = performance.now() + LONGEST_DRAWING;
  while (!editorOf(OPERATION) || !editorOf(VARIABLES)) {
    if (performance.now() > deadline) throw new Error('GraphiQL has not drawn its editors.');
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}

/**
 * @param {string} selector
 * @returns {HTMLElement}
 */
function control(selector) {
  const found = document.querySelector(selector);
  if (found instanceof HTMLElement) return found;
  throw new Error(`GraphiQL has no ${selector}.`);
}

/**
 * @param {string} file
 * @returns {Editor | undefined}
 */
function editorOf(file) {
  /** @type {Editor[]} */
  const editors = Reflect.get(window, 'monaco').editor.getEditors();
  return editors.find((each) => each.getModel()?.uri.path.endsWith(file));
}
