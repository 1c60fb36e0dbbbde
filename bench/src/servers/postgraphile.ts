// PostGraphile at its best settings: production, connections and lists, many-to-many, answers as text.
import { createServer } from 'node:http';
import { PgSimplifyInflectionPreset } from '@graphile/simplify-inflection';
import { PgManyToManyPreset } from '@graphile-contrib/pg-many-to-many';
import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { BENCH_SCHEMA } from '../setup/transfer-function.ts';
import { listen, POOL_SIZE, setting } from './listen.ts';

const preset: GraphileConfig.Preset = {
  extends: [PostGraphileAmberPreset, PgSimplifyInflectionPreset, PgManyToManyPreset],
  pgServices: [
    makePgService({
      connectionString: setting('DATABASE_URL'),
      schemas: ['public', BENCH_SCHEMA],
      poolConfig: { max: POOL_SIZE, idleTimeoutMillis: 0 },
    }),
  ],
  schema: { defaultBehavior: '+connection +list' },
  grafast: { explain: false },
  grafserv: {
    graphqlPath: '/graphql',
    graphiql: false,
    websockets: false,
    watch: false,
    outputDataAsString: true,
  },
};

const server = createServer();
const instance = postgraphile(preset).createServ(grafserv);
await instance.addTo(server);
await instance.ready();
listen(server, '/graphql');
