import { LOCATION_KINDS } from '../locations/location.entity.ts';
import type { Columns } from './columns.ts';
import { flag, line, oneOf } from './kinds.ts';

/** The columns of a file of locations. */
export const LOCATION_COLUMNS = {
  code: { kind: line, isRequired: true, says: 'unique in the organization, whatever its case' },
  name: { kind: line, says: 'what people call it; the code for a new one unless said' },
  kind: { kind: oneOf(LOCATION_KINDS), says: 'STORAGE unless said; fixed' },
  parent: { kind: line, says: 'the code of the location that it lies in' },
  world: {
    kind: flag,
    says: 'whether it is the outside world of its kind that the organization was born with',
  },
  archived: { kind: flag, says: 'whether it is out of use' },
} satisfies Columns;
