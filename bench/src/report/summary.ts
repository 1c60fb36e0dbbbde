import type { Sample } from '../measure/load.ts';
import type { Samples } from '../measure/rounds.ts';
import { SERVERS } from '../servers.ts';

/** One server at one operation: medians over the rounds. Times are milliseconds. */
export interface Cell extends Sample {
  readonly operation: string;
  readonly server: string;
  /** The rate beside another server's, as the median of the ratios of each round. */
  readonly ofPostgraphile: number | null;
  readonly ofLimit: number | null;
}

/** The medians of what was measured, with what they are beside PostGraphile and the limit. */
export function summarise(samples: Samples): Cell[] {
  return Object.entries(samples).flatMap(([operation, ofServers]) =>
    Object.entries(ofServers)
      .map(([server, rounds]) => cellOf(operation, server, rounds, ofServers))
      .sort((a, b) => orderOf(a) - orderOf(b)),
  );
}

const orderOf = ({ server }: Cell): number => SERVERS.findIndex(({ name }) => name === server);

function cellOf(
  operation: string,
  server: string,
  rounds: readonly Sample[],
  all: Readonly<Record<string, readonly Sample[]>>,
): Cell {
  const middle = (pick: (sample: Sample) => number | null) => {
    const values = rounds.map(pick).filter((value) => value !== null);
    return values.length === 0 ? null : median(values);
  };
  const number = (pick: (sample: Sample) => number) => middle(pick) ?? 0;
  const of = (other: string) => {
    const ratios = rounds.flatMap(({ perSecond }, round) => {
      const beside = all[other]?.[round]?.perSecond;
      return beside ? [perSecond / beside] : [];
    });
    return ratios.length === 0 ? null : median(ratios);
  };
  return {
    operation,
    server,
    requests: rounds.reduce((sum, { requests }) => sum + requests, 0),
    perSecond: number((sample) => sample.perSecond),
    ofPostgraphile: of('postgraphile'),
    ofLimit: of(server.endsWith('sqlite') ? 'limit-sqlite' : 'limit'),
    p50: number((sample) => sample.p50),
    p99: number((sample) => sample.p99),
    nodeCpu: middle((sample) => sample.nodeCpu),
    postgresCpu: middle((sample) => sample.postgresCpu),
    bytes: number((sample) => sample.bytes),
    errors: rounds.reduce((sum, { errors }) => sum + errors, 0),
  };
}

/** The middle one, or the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(half) - 1] ?? 0, sorted[Math.floor(half)] ?? 0];
  return (low + high) / 2;
}
