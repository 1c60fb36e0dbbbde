import { part } from 'workbench/parts.js';

/** Where the browser keeps how somebody left the panel. */
const KEPT = 'quartermaster:workbench';

/** Heights in pixels: what it has at first, the least, and what a key adds. */
const FIRST = 220;
const LEAST = 96;
const STEP = 32;

/** The share of the window that GraphiQL keeps at least. */
const GRAPHIQL_SHARE = 0.5;

/** Has the panel open and close, grow and shrink, and be found again as it was left. */
export function createDock() {
  const toggle = part('workbench-toggle');
  const panel = part('workbench-panel');
  const grip = part('workbench-grip');
  const state = keptState();

  const draw = () => {
    toggle.setAttribute('aria-expanded', String(state.open));
    panel.hidden = !state.open;
    grip.hidden = !state.open;
    const most = Math.round(window.innerHeight * (1 - GRAPHIQL_SHARE));
    const height = Math.max(LEAST, Math.min(state.height, most));
    panel.style.height = `${height}px`;
    const values = { valuenow: height, valuemin: LEAST, valuemax: Math.max(LEAST, most) };
    for (const [name, value] of Object.entries(values))
      grip.setAttribute(`aria-${name}`, `${value}`);
    return height;
  };
  /** @param {Partial<typeof state>} change */
  const change = (change) => {
    Object.assign(state, change);
    // What the window has no room for is not asked for any longer.
    state.height = draw();
    localStorage.setItem(KEPT, JSON.stringify(state));
  };

  toggle.addEventListener('click', () => change({ open: !state.open }));
  resizeBy(grip, (by) => change({ height: state.height + by }));
  window.addEventListener('resize', draw);
  draw();
}

/**
 * @param {HTMLElement} grip
 * @param {(by: number) => void} grow
 */
function resizeBy(grip, grow) {
  const steps = new Map([
    ['ArrowUp', STEP],
    ['ArrowDown', -STEP],
    ['Home', -Number.MAX_SAFE_INTEGER],
    ['End', Number.MAX_SAFE_INTEGER],
  ]);
  grip.addEventListener('keydown', (event) => {
    const by = steps.get(event.key);
    if (by === undefined) return;
    event.preventDefault();
    grow(by);
  });
  grip.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
  });
  grip.addEventListener('pointermove', (event) => {
    if (grip.hasPointerCapture(event.pointerId))
      grow(grip.getBoundingClientRect().top - event.clientY);
  });
}

/** How it was left, or how it is at first. Others may write there too: what makes no sense is not kept. */
function keptState() {
  const first = { open: true, height: FIRST };
  try {
    const { open, height } = JSON.parse(localStorage.getItem(KEPT) ?? '{}');
    return {
      open: typeof open === 'boolean' ? open : first.open,
      height: Number.isFinite(height) ? height : first.height,
    };
  } catch {
    return first;
  }
}
