# What the package holds, with its dependencies: no sources, no tests, no compiler, no package of its own
# for Node, as the image is one. Not a secret is built in; docs/operations.md says how to run it.
FROM node:24.21.0-slim AS build
WORKDIR /build
COPY .npmrc package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY bin bin
COPY migrations migrations
COPY scripts scripts
COPY src src
COPY mikro-orm.config.js mikro-orm.config.ts tsconfig.json ./
RUN node scripts/build.ts

FROM node:24.21.0-slim
ENV NODE_ENV=production
WORKDIR /app
COPY .npmrc package.json package-lock.json ./
# No script is needed: SQLite comes built, and the package `node` would fetch what the image has.
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force
COPY LICENSE mikro-orm.config.js schema.graphql ./
COPY bin bin
COPY --from=build /build/dist dist
RUN mkdir /data node_modules/.cache && chown node:node /data node_modules/.cache
USER node
# Keeps what is compiled: the first start of a container is no slower than the next.
RUN node bin/quartermaster.js --help
ENV HOST=0.0.0.0 PORT=4000 DATABASE_URL=sqlite:/data/quartermaster.db
VOLUME /data
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Node itself gets the signal to stop, not npm. Exec form, so that no shell stands between.
ENTRYPOINT ["node", "--max-semi-space-size=16", "bin/quartermaster.js"]
CMD ["serve"]
