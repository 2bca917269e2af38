# The worker, the command line and the simulator. Debian and not Alpine: Temporal's SDK has native code
# for glibc.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
RUN npm run build

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM ${NODE_IMAGE}
# The SDK's native code trusts the system's certificates.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/* \
  && mkdir /data \
  && chown node:node /data \
  && ln -s /app/lib/starter.js /usr/local/bin/vend
WORKDIR /app
ENV NODE_ENV=production
COPY package.json LICENSE ./
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/lib lib
# By number: Kubernetes' runAsNonRoot believes no name. It is the image's user `node`.
USER 1000:1000
CMD ["node", "lib/worker.js"]
# Whether this worker takes its work from Temporal.
HEALTHCHECK --interval=30s --timeout=20s --start-period=60s --retries=3 \
  CMD ["node", "lib/worker-check.js"]
