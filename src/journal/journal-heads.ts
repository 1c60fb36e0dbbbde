import type { EntityManager } from '../database/entity-manager.ts';
import { runAcrossOrganizations, Statement } from '../database/statement.ts';

/** How many organizations are told apart; the others, if there are more, are told together. */
const MOST = 100;

/** How far the journal of an organization has come. */
export interface HeadSeq {
  /** Its id; null for all that are not told apart. */
  readonly organization: number | null;
  readonly seq: number;
}

const HEADS = new Statement<HeadSeq>(
  () => `select case when place <= $1 then organization_id end as "organization",
      cast(sum(seq) as bigint) as "seq"
    from (
      select organization_id, seq, row_number() over (order by organization_id) as place
      from journal_heads
    ) h
    group by 1 order by 1`,
);

/** How far the journals of all organizations have come. */
export const headSeqs = (em: EntityManager): Promise<HeadSeq[]> =>
  runAcrossOrganizations(em, HEADS, [MOST]);
