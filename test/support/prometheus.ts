/** One line of figures. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What Prometheus reads, in its text format 0.0.4. */
export class Scrape {
  readonly samples: readonly Sample[];
  readonly types: ReadonlyMap<string, string>;

  constructor(text: string) {
    const types = new Map<string, string>();
    const helped = new Set<string>();
    const samples: Sample[] = [];
    if (!text.endsWith('\n')) throw new Error('The last line has no end');
    for (const line of text.split('\n').filter((each) => each !== '')) {
      const [, comment, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
      if (comment === 'HELP') once(helped, name);
      else if (comment === 'TYPE') types.set(name, typeOf(rest));
      else samples.push(sampleOf(line, types));
    }
    const keys = samples.map(({ name, labels }) => JSON.stringify([name, Object.entries(labels)]));
    if (new Set(keys).size !== keys.length) throw new Error('A sample comes twice');
    this.samples = samples;
    this.types = types;
  }

  /** The values of a metric, by the values of its labels. */
  values(metric: string): Record<string, number> {
    const own = this.samples.filter(({ name }) => name === metric);
    return Object.fromEntries(
      own.map(({ labels, value }) => [Object.values(labels).join(' '), value]),
    );
  }
}

function once(seen: Set<string>, name: string): void {
  if (seen.has(name)) throw new Error(`${name} comes twice`);
  seen.add(name);
}

function typeOf(text: string): string {
  if (['counter', 'gauge', 'histogram', 'summary'].includes(text)) return text;
  throw new Error(`${text} is no type`);
}

/** Prometheus takes `Nan`, as it comes of Node's own figures before there are any, for `NaN`. */
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\+Inf|-Inf|Na[nN]|[-+0-9.e]+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/gy;

function sampleOf(line: string, types: ReadonlyMap<string, string>): Sample {
  const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
  const family = types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
  if (name === '' || !types.has(family)) throw new Error(`No sample: ${line}`);
  const found = [...labels.matchAll(LABEL)];
  if (found.map(([each]) => each).join('') !== labels) throw new Error(`No labels: ${line}`);
  return {
    name,
    labels: Object.fromEntries(found.map(([, label = '', text = '']) => [label, text])),
    value: Number(value.replace('Inf', 'Infinity')),
  };
}
