import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { OPERATIONS } from '../operations.ts';
import { SERVERS } from '../servers.ts';
import type { Cell } from './summary.ts';

/** Distinct by lightness as well as by colour, on white and on black. */
const COLOURS: Readonly<Record<string, string>> = {
  quartermaster: '#3b82f6',
  postgraphile: '#f59e0b',
  drizzle: '#a3a3a3',
  limit: '#10b981',
};

/** A picture of how fast each server is beside PostGraphile, on PostgreSQL. */
export function plotRatios(cells: readonly Cell[]): string {
  const shown = cells.filter(
    ({ server, ofPostgraphile }) => COLOURS[server] && ofPostgraphile !== null,
  );
  const names = SERVERS.filter(({ name }) => shown.some(({ server }) => server === name));
  const titleOf = (name: string) => SERVERS.find((each) => each.name === name)?.title ?? name;
  const bars = shown.map((cell) => ({ ...cell, server: titleOf(cell.server) }));
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const figure = Plot.plot({
    document: document as unknown as Document,
    width: 860,
    height: 340,
    marginLeft: 48,
    marginTop: 64,
    marginBottom: 28,
    style: { background: 'transparent', fontFamily: 'system-ui, sans-serif', fontSize: '12px' },
    fx: { label: null, axis: 'bottom', padding: 0.15, domain: Object.keys(OPERATIONS) },
    x: { axis: null, domain: names.map(({ title }) => title), padding: 0.08 },
    y: { label: null, grid: true, nice: true },
    color: {
      domain: names.map(({ title }) => title),
      range: names.map(({ name }) => COLOURS[name] as string),
    },
    marks: [
      Plot.barY(bars, { fx: 'operation', x: 'server', y: 'ofPostgraphile', fill: 'server' }),
      Plot.text(bars, {
        ...{ fx: 'operation', x: 'server', y: 'ofPostgraphile', dy: -7 },
        text: ({ ofPostgraphile }: { ofPostgraphile: number }) =>
          ofPostgraphile < 10 ? ofPostgraphile.toFixed(1) : ofPostgraphile.toFixed(0),
      }),
      Plot.ruleY([0]),
      Plot.ruleY([1], { strokeDasharray: '4 3' }),
    ],
  });
  figure.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  figure.setAttribute('role', 'img');
  figure.setAttribute('aria-label', 'Requests a second beside PostGraphile, for each operation');
  const svg = String(figure.outerHTML);
  return svg.replace(/(<svg[^>]*>)/, `$1${THEME}${legend(names)}`);
}

/** Text and lines take the colour of whichever scheme the reader has. */
const THEME = `<style>
svg { color: #1f2328; }
@media (prefers-color-scheme: dark) { svg { color: #e6edf3; } }
</style>`;

function legend(names: readonly { name: string; title: string }[]): string {
  let x = 48;
  const entries = names.map(({ name, title }) => {
    const entry =
      `<rect x="${x}" y="10" width="12" height="12" fill="${COLOURS[name]}"/>` +
      `<text x="${x + 18}" y="20" fill="currentColor">${title}</text>`;
    x += 44 + title.length * 7;
    return entry;
  });
  const note = 'Requests a second, PostGraphile = 1';
  const title = `<text x="48" y="42" fill="currentColor">${note}</text>`;
  return `<g font-size="12" text-anchor="start">${entries.join('')}${title}</g>`;
}
