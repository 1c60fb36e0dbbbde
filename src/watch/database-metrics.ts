import { Gauge, type Registry } from 'prom-client';
import type { Reading } from './reading.ts';

/** What is told together of the organizations that are not told apart. */
const OTHERS = '(other)';

/** The figures of the database: they are the same for every process that uses it. */
export class DatabaseMetrics {
  readonly #up: Gauge;
  readonly #seq: Gauge<'organization'>;
  readonly #newestLine: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#up = new Gauge({
      name: 'quartermaster_database_up',
      help: '1 when the database told the figures below within a second, else 0, and they are missing.',
      registers,
    });
    this.#seq = new Gauge({
      name: 'quartermaster_journal_seq',
      help: 'How many changes the journal of an organization, by its id, has.',
      labelNames: ['organization'],
      registers,
    });
    this.#newestLine = new Gauge({
      name: 'quartermaster_ledger_newest_line',
      help: 'The id of the newest line of the ledger, whoever posted it, imports too: it rises by one a line.',
      labelNames: [],
      registers,
    });
  }

  /** Tells what was read, and nothing old where nothing could be read. */
  tell(reading: Reading | null): void {
    this.#up.set(reading ? 1 : 0);
    this.#seq.reset();
    this.#newestLine.remove();
    if (!reading) return;
    for (const { organization, seq } of reading.seqs) {
      this.#seq.set({ organization: organization === null ? OTHERS : String(organization) }, seq);
    }
    this.#newestLine.set(reading.newestLine);
  }
}
