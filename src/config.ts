import { z } from 'zod';
import { isLoopback } from './loopback.ts';
import { TRACING_SETTINGS, type TracingConfig, tracingOf } from './tracing-settings.ts';

/** The database that a process works on: one SQLite file, or PostgreSQL. */
export type DatabaseAddress =
  | { readonly dialect: 'sqlite'; readonly file: string }
  | { readonly dialect: 'postgresql'; readonly url: string };

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Everything that the environment says, read once and checked. */
export interface Config {
  readonly database: DatabaseAddress;
  readonly host: string;
  readonly port: number;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  /** Echo every SQL statement to the log. */
  readonly logSql: boolean;
  /** Log a line for every request. */
  readonly logRequests: boolean;
  /** Log statements that take so many milliseconds or longer; null for none. */
  readonly logSlowMs: number | null;
  /** Where Prometheus gets its metrics; null for nowhere. */
  readonly metrics: { readonly host: string; readonly port: number } | null;
  /** Where traces are told; null for nowhere. */
  readonly tracing: TracingConfig | null;
  /** Named prepared statements on PostgreSQL; off for pgbouncer older than 1.21. */
  readonly preparedStatements: boolean;
  /** Connections that one process opens to PostgreSQL at most. */
  readonly poolSize: number;
  /** Whether it is in earnest: what helps to develop is off, and keys are not to travel in the clear. */
  readonly production: boolean;
  /** Whether somebody in front of the server speaks TLS with whoever comes from elsewhere. */
  readonly behindTls: boolean;
  /** Whether keys may travel in the clear all the same. */
  readonly allowPlainHttp: boolean;
  /** Whether a browser gets GraphiQL. */
  readonly graphiql: boolean;
  /** The origins whose pages may read what the server answers. */
  readonly corsOrigins: readonly string[];
  /** How much the requests of one key may cost; null for as much as they like. */
  readonly rateLimit: { readonly capacity: number; readonly perSecond: number } | null;
  /** How long, in milliseconds, a server that is stopped says so before it takes no more requests. */
  readonly stopDelayMs: number;
  /** The owner's key to use at the first start, instead of a new random one. */
  readonly ownerKey: string | undefined;
  /** Whose tokens are taken beside API keys; null for nobody's. */
  readonly identityProvider: IdentityProvider | null;
}

/** An identity provider whose JSON web tokens say who somebody is. */
export interface IdentityProvider {
  /** Where its public keys are: a JSON web key set. */
  readonly jwksUrl: URL;
  /** What a token must have as `iss` and `aud`. */
  readonly issuer: string;
  readonly audience: string;
  /** The claim that has the subject of a member. */
  readonly subjectClaim: string;
  /** The claim that has the id of the organization; null where a subject is in one only. */
  readonly organizationClaim: string | null;
}

/** A setting that cannot be used: says which one and what it should look like. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** What an API key looks like: `qm_` and at least 256 bits of letters and digits. */
export const API_KEY_PATTERN = /^qm_[A-Za-z0-9]{43,}$/;

const zeroOrOne = z
  .enum(['0', '1', 'true', 'false'], { error: 'expected 0 or 1' })
  .transform((value) => value === '1' || value === 'true');

const flag = (fallback: '0' | '1') => zeroOrOne.default(fallback === '1');

/** A number in digits: JavaScript would take a blank for 0. */
const digits = (least: number, most: number) => {
  const error = `expected a whole number from ${least} to ${most}`;
  const isWithin = (value: number) => value >= least && value <= most;
  return z
    .string()
    .regex(/^\d{1,9}$/, error)
    .transform(Number)
    .refine(isWithin, error);
};

const whole = (least: number, most: number, fallback: number) =>
  digits(least, most).default(fallback);

/** Origins as browsers say them: with a scheme, without a path, and none for all. */
const origins = z
  .string()
  .default('')
  .transform((value) =>
    value
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== ''),
  )
  .refine((each) => each.every(isOrigin), {
    error: 'expected origins such as https://shop.example, separated by commas',
  });

const isOrigin = (value: string): boolean =>
  /^https?:/.test(value) && URL.canParse(value) && new URL(value).origin === value;

const Environment = z.object({
  DATABASE_URL: z.string().default('sqlite:quartermaster.db').transform(parseDatabaseUrl),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: whole(0, 65_535, 4000),
  LOG_LEVEL: z.enum(LOG_LEVELS, `expected one of ${LOG_LEVELS.join(', ')}`).default('info'),
  LOG_SQL: flag('0'),
  LOG_REQUESTS: flag('0'),
  LOG_SLOW_MS: whole(0, 999_999_999, 0),
  METRICS_HOST: z.string().min(1).default('127.0.0.1'),
  METRICS_PORT: digits(0, 65_535).optional(),
  PREPARED_STATEMENTS: flag('1'),
  POOL_SIZE: whole(1, 500, 6),
  NODE_ENV: z.string().optional(),
  BEHIND_TLS: flag('0'),
  ALLOW_PLAIN_HTTP: flag('0'),
  GRAPHIQL: zeroOrOne.optional(),
  CORS_ORIGINS: origins,
  RATE_LIMIT: whole(0, 999_999_999, 500_000),
  // No less than what one request may cost: it could never be asked.
  RATE_LIMIT_BURST: whole(5000, 999_999_999, 5_000_000),
  STOP_DELAY: whole(0, 300, 0),
  QUARTERMASTER_API_KEY: z
    .string()
    .regex(API_KEY_PATTERN, 'expected qm_ and 43 or more letters and digits')
    .optional(),
  JWT_JWKS_URL: z.string().transform(parseJwksUrl).optional(),
  JWT_ISSUER: z.string().optional(),
  JWT_AUDIENCE: z.string().optional(),
  JWT_SUBJECT_CLAIM: z.string().default('sub'),
  JWT_ORGANIZATION_CLAIM: z.string().optional(),
  ...TRACING_SETTINGS,
});

/** The names of all settings. */
export const SETTINGS: readonly string[] = Object.keys(Environment.shape);

/**
 * Reads the settings from the environment. The only place that names `process.env`.
 * @throws ConfigError naming each variable that cannot be used.
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const set = Object.entries(environment).filter(
    ([, value]) => value !== undefined && value !== '',
  );
  const parsed = Environment.safeParse(Object.fromEntries(set));
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) => `${issue.path.join('.')}: ${issue.message}`,
    );
    throw new ConfigError(problems.join('; '));
  }
  const values = parsed.data;
  const production = values.NODE_ENV === 'production';
  return {
    database: values.DATABASE_URL,
    host: values.HOST,
    port: values.PORT,
    logLevel: values.LOG_LEVEL,
    logSql: values.LOG_SQL,
    logRequests: values.LOG_REQUESTS,
    logSlowMs: values.LOG_SLOW_MS === 0 ? null : values.LOG_SLOW_MS,
    metrics: metricsOf(values),
    tracing: tracingOf(values),
    preparedStatements: values.PREPARED_STATEMENTS,
    poolSize: values.POOL_SIZE,
    production,
    behindTls: values.BEHIND_TLS,
    allowPlainHttp: values.ALLOW_PLAIN_HTTP,
    graphiql: values.GRAPHIQL ?? !production,
    corsOrigins: values.CORS_ORIGINS,
    rateLimit: values.RATE_LIMIT === 0 ? null : rateLimitOf(values),
    stopDelayMs: values.STOP_DELAY * 1000,
    ownerKey: values.QUARTERMASTER_API_KEY,
    identityProvider: identityProviderOf(values),
  };
}

function metricsOf({ METRICS_HOST: host, METRICS_PORT: port }: z.output<typeof Environment>) {
  return port === undefined ? null : { host, port };
}

const rateLimitOf = (values: z.output<typeof Environment>) => ({
  capacity: values.RATE_LIMIT_BURST,
  perSecond: values.RATE_LIMIT,
});

/** @throws ConfigError unless everything is there that tells a token of the provider from others. */
function identityProviderOf(values: z.output<typeof Environment>): IdentityProvider | null {
  const { JWT_JWKS_URL, JWT_ISSUER, JWT_AUDIENCE, JWT_SUBJECT_CLAIM } = values;
  if (!JWT_JWKS_URL && !JWT_ISSUER && !JWT_AUDIENCE) return null;
  if (!JWT_JWKS_URL || !JWT_ISSUER || !JWT_AUDIENCE) {
    throw new ConfigError(
      'JWT_JWKS_URL, JWT_ISSUER and JWT_AUDIENCE: expected all or none of them',
    );
  }
  return {
    ...{ jwksUrl: JWT_JWKS_URL, issuer: JWT_ISSUER, audience: JWT_AUDIENCE },
    subjectClaim: JWT_SUBJECT_CLAIM,
    organizationClaim: values.JWT_ORGANIZATION_CLAIM ?? null,
  };
}

/** Keys that come over plain HTTP could be anybody's, unless they come from this machine. */
function parseJwksUrl(value: string, context: z.RefinementCtx<string>): URL {
  const url = URL.canParse(value) ? new URL(value) : null;
  // A URL has the addresses of IPv6 in brackets.
  const isLocal = url?.protocol === 'http:' && isLoopback(url.hostname.replace(/^\[|\]$/g, ''));
  if (url && (url.protocol === 'https:' || isLocal)) return url;
  context.addIssue('expected https://…, or http:// of this machine');
  return z.NEVER;
}

/**
 * Reads the address of a database that is said elsewhere than in the environment, as `DATABASE_URL`
 * says it.
 * @throws ConfigError naming the place.
 */
export function readDatabaseAddress(place: string, value: string): DatabaseAddress {
  const parsed = z.string().transform(parseDatabaseUrl).safeParse(value);
  if (parsed.success) return parsed.data;
  throw new ConfigError(`${place}: ${parsed.error.issues[0]?.message}`);
}

/** Reads an address as `DATABASE_URL` takes it; never repeats what may hold a password. */
function parseDatabaseUrl(value: string, context: z.RefinementCtx<string>): DatabaseAddress {
  if (/^postgres(ql)?:\/\//.test(value)) {
    if (URL.canParse(value) && new URL(value).pathname.length > 1) {
      return { dialect: 'postgresql', url: value };
    }
    context.addIssue('expected postgres://user:password@host:port/database');
    return z.NEVER;
  }
  const file = /^sqlite:(?:\/\/)?(.+)$/.exec(value)?.[1];
  if (file !== undefined && file !== ':memory:') return { dialect: 'sqlite', file };
  const scheme = /^[a-z0-9+.-]+:/i.exec(value)?.[0] ?? 'no scheme';
  context.addIssue(`expected postgres://… or sqlite:path/to/file.db, got ${scheme}`);
  return z.NEVER;
}
