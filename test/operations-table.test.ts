import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { serveCommand } from '../src/cli/serve.ts';
import { SETTINGS } from '../src/config.ts';

const ROOT = join(import.meta.dirname, '..');
const PAGE = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');

/** The names in the table that says everything, of one kind. */
function names(wanted: string): string[] {
  const [, section = ''] = PAGE.split('\n## Settings, signals, ports and exit codes\n');
  const [table = ''] = section.split('\n## ');
  return [...table.matchAll(/^\| ([a-z ]+?) +\| `([^`]+)`/gm)].flatMap(([, kind, name]) =>
    kind === wanted && name ? [name] : [],
  );
}

test('one table says every variable, and none that is not', () => {
  expect(names('variable').toSorted()).toEqual(SETTINGS.toSorted());
});

test('it says every signal, port and exit code', () => {
  expect(names('signal')).toEqual(['SIGINT', 'SIGTERM']);
  expect(names('port')).toEqual(['PORT', 'METRICS_PORT']);
  expect(names('exit code')).toEqual(['0', '1', '2']);
});

test('the help of serve names every variable but those that only refine others', () => {
  let help = '';
  serveCommand()
    .configureOutput({
      writeOut: (text) => {
        help += text;
      },
    })
    .outputHelp();

  const unnamed = SETTINGS.filter((name) => !new RegExp(`\\b${name}\\b`).test(help));

  expect(unnamed.filter((name) => !name.startsWith('OTEL_'))).toEqual([]);
  expect(help).toContain('OTEL_EXPORTER_OTLP_ENDPOINT');
});
