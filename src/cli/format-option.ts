import { Option } from 'commander';

const FORMATS = ['csv', 'jsonl'] as const;
type Format = (typeof FORMATS)[number];

/** The option that says how a file is written. */
export const formatOption = () =>
  new Option(
    '--format <format>',
    'CSV or JSON Lines; as the name of the file says unless said',
  ).choices(FORMATS);

/** How a file is written: as the option says, or its name; CSV where neither does. */
export function formatOf(option: Format | undefined, file: string | undefined): Format {
  if (option) return option;
  return /\.(jsonl|ndjson)(\.gz)?$/i.test(file ?? '') ? 'jsonl' : 'csv';
}
