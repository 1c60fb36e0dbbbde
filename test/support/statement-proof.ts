import { type Edge, pathsFrom, rowsAt, type Size, type Walk, withBelow } from './schema-walk.ts';

/**
 * Few rows of the first list of a path, and many. The lists below have the same size either way, as
 * their rows grow with those above them; but another one, as lists of one size may share statements.
 */
export const FEW: Size = { first: 3, further: 2 };
export const MANY: Size = { first: 12, further: 2 };

/**
 * Nearly as many. A page may lead to a row that a smaller one had read already, which costs it a statement
 * more: once, where statements by the row cost more with each that is added.
 */
const NEARLY: Size = { first: 9, further: 2 };

type Data = Readonly<Record<string, unknown>>;

/** Whoever answers an operation, and says how many statements it took. */
export type Ask = (document: string, variables: object) => Promise<{ data: Data; count: number }>;

/** An operation whose edges are to be proven. */
export interface Subject {
  readonly name: string;
  readonly root: Edge;
  /** Of a mutation: its input, and the type of what it is to answer. */
  readonly mutation?: {
    readonly input: (rows: number) => object;
    readonly inputType: string;
    readonly answers: string;
  };
}

/** What asking with few and with many rows has shown. */
export interface Proof {
  /** Every edge that was met, by name. */
  readonly edges: ReadonlySet<string>;
  /** Those that had too few rows to show anything. */
  readonly uncovered: readonly string[];
  /** Paths that cost more statements with more rows. */
  readonly findings: readonly string[];
  readonly operations: number;
  readonly worst: { readonly name: string; readonly count: number };
}

/** How many findings are traced to their paths: where everything is wrong, that takes long. */
const MOST_NAMED = 20;

const grown = (name: string, few: number, many: number): string =>
  `${name}: ${few} statements for few rows, ${many} for many`;

/** Proves that no edge of some operations costs statements by the row. */
export async function prove(walk: Walk, subjects: readonly Subject[], ask: Ask): Promise<Proof> {
  const prover = new Prover(walk, ask);
  for (const subject of subjects) await prover.take(subject);
  return prover.proof();
}

class Prover {
  readonly #walk: Walk;
  readonly #ask: Ask;
  readonly #coverage = new Map<string, Coverage>();
  readonly #findings = new Set<string>();
  #operations = 0;
  #worst = { name: '', count: 0 };

  constructor(walk: Walk, ask: Ask) {
    this.#walk = walk;
    this.#ask = ask;
  }

  /** The edges right below the root are asked for one by one, each with all that lies below it. */
  async take(subject: Subject): Promise<void> {
    const { root, mutation } = subject;
    for (const { name } of withBelow(root)) this.#coverageOf(name);
    const branches = root.rows.flatMap(({ below }) => below);
    const groups = mutation || branches.length === 0 ? [branches] : branches.map((each) => [each]);
    for (const group of groups) await this.#compare(subject, group);
  }

  async #compare(subject: Subject, branches: readonly Edge[]): Promise<void> {
    const asked = new Set(branches.flatMap(withBelow));
    const few = await this.#run(subject, FEW, asked);
    const many = await this.#run(subject, MANY, asked);
    this.#cover(subject.root, [many.data]);
    const name = [subject.name, ...branches.map(({ key }) => key)].join(' > ');
    if (many.count > this.#worst.count) this.#worst = { name, count: many.count };
    if (!(await this.#grows(subject, asked, few.count, many.count))) return;
    const found = this.#findings.size < MOST_NAMED ? await this.#split(subject, asked) : [];
    if (found.length === 0) found.push(grown(name, few.count, many.count));
    for (const each of found) this.#findings.add(each);
  }

  /** The shortest paths whose statements grow by themselves. */
  async #split(subject: Subject, asked: ReadonlySet<Edge>): Promise<string[]> {
    const found: { readonly path: readonly Edge[]; readonly text: string }[] = [];
    for (const path of pathsFrom(subject.root)) {
      if (!path.slice(1).every((edge) => asked.has(edge))) continue;
      if (found.some((each) => each.path.every((edge, index) => path[index] === edge))) continue;
      const few = await this.#run(subject, FEW, new Set(path));
      const many = await this.#run(subject, MANY, new Set(path));
      if (!(await this.#grows(subject, new Set(path), few.count, many.count))) continue;
      const names = [subject.name, ...path.slice(1).map(({ name }) => name)].join(' > ');
      found.push({ path, text: grown(names, few.count, many.count) });
    }
    return found.map(({ text }) => text);
  }

  /** Whether there are more statements the more rows there are, and not once for all. */
  async #grows(subject: Subject, asked: ReadonlySet<Edge>, few: number, many: number) {
    if (many <= few) return false;
    // What is sent to mutations is made for few and for many.
    return subject.mutation !== undefined || many > (await this.#run(subject, NEARLY, asked)).count;
  }

  async #run({ root, mutation, name }: Subject, size: Size, asked: ReadonlySet<Edge>) {
    this.#operations += 1;
    const field = this.#walk.write(root, size, (edge) => asked.has(edge));
    if (!mutation) return this.#ask(`query { ${field} }`, {});
    const { input, inputType, answers } = mutation;
    const document = `mutation ($input: ${inputType}!) @dryRun { ${field} }`;
    const answer = await this.#ask(document, { input: input(size.first) });
    const given = answer.data[root.key] as { __typename: string };
    if (given.__typename === answers) return answer;
    throw new Error(`${name} was to answer ${answers}: ${JSON.stringify(given)}`);
  }

  #cover(edge: Edge, parents: readonly Data[]): void {
    const rows = parents.flatMap((parent) => {
      const found = rowsAt(edge, parent);
      return found ? [found] : [];
    });
    this.#coverageOf(edge.name).add(edge, rows);
    const found = rows.flat();
    if (found.length === 0) return;
    for (const { below } of edge.rows) for (const next of below) this.#cover(next, found);
  }

  #coverageOf(name: string): Coverage {
    const known = this.#coverage.get(name) ?? new Coverage();
    this.#coverage.set(name, known);
    return known;
  }

  proof(): Proof {
    const uncovered = [...this.#coverage].filter(([, each]) => !each.isCovered);
    return {
      edges: new Set(this.#coverage.keys()),
      uncovered: uncovered.map(([name]) => name),
      findings: [...this.#findings],
      operations: this.#operations,
      worst: this.#worst,
    };
  }
}

/** What was behind one edge, wherever it was met. */
class Coverage {
  #hasRows = false;
  #hasSeveral = false;
  #hasSeveralOfSeveral = false;
  #hasParents = false;
  #isList = false;

  /** Takes what an operation found: the rows of each parent. */
  add({ shape }: Edge, rows: readonly (readonly object[])[]): void {
    const several = rows.filter(({ length }) => length > 1).length;
    this.#isList = shape !== 'one';
    this.#hasParents ||= rows.length > 1;
    this.#hasRows ||= rows.some(({ length }) => length > 0);
    this.#hasSeveral ||= several > 0;
    this.#hasSeveralOfSeveral ||= several > 1;
  }

  /** A list needs several rows behind several parents, if an operation can have several parents. */
  get isCovered(): boolean {
    if (!this.#isList) return this.#hasRows;
    return this.#hasParents ? this.#hasSeveralOfSeveral : this.#hasSeveral;
  }
}
