import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FILES } from '../files.ts';

/** An operation of a feature to start from, as the page lists it. */
export interface Example {
  /** Its file, below `src`. */
  readonly file: string;
  readonly group: string;
  readonly title: string;
  readonly description: string;
  readonly query: string;
  /** JSON; empty where it has none. `{new}` stands for what was never sent before. */
  readonly variables: string;
}

/** `# Group: Title`, and lines that say more. */
const HEAD = /^# ([^:\n]+): (.+)\n((?:#.*\n)*)/;

/**
 * Reads every feature's examples: `examples/<name>.graphql` in its folder, and beside it the variables
 * in `<name>.json`. By group, then by title.
 * @throws Error when one does not begin by saying what it is.
 */
export function readExamples(): Example[] {
  const files = globSync('*/examples/*.graphql', { cwd: FILES });
  return files.map(readExample).sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

function readExample(file: string): Example {
  const path = join(FILES, file);
  const query = readFileSync(path, 'utf8');
  const [, group, title, more] = HEAD.exec(query) ?? [];
  if (group === undefined || title === undefined || more === undefined) {
    throw new Error(`The example ${path} must begin with the line "# Group: Title".`);
  }
  const description = more.replaceAll(/^# ?/gm, '').replaceAll('\n', ' ').trim();
  const variables = path.replace(/\.graphql$/, '.json');
  return {
    ...{ file, group, title, description, query },
    variables: existsSync(variables) ? readFileSync(variables, 'utf8').trim() : '',
  };
}

const keyOf = ({ group, title }: Example): string => `${group}\n${title}`;
