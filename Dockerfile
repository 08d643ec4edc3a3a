# One image for producer and gateway: the command chooses. Three stages feed the last one, which has no compiler, no npm
# and no development dependency in it.

# Only what `npm ci` reads, so that a change in a source file does not install everything again.
FROM node:24-slim AS manifests
WORKDIR /app
COPY . .
RUN find . -type f ! -name package.json ! -name package-lock.json ! -name .npmrc -delete \
 && find . -type d -empty -delete

FROM node:24-slim AS build
WORKDIR /app
COPY --from=manifests /app ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build \
 && mkdir /out \
 && find packages apps -type f \( -path '*/dist/*' -o -path '*/lua/*' \) \
      ! -path '*/node_modules/*' ! -name '*.d.ts' ! -name '*.d.ts.map' ! -name .tsbuildinfo \
      -exec cp --parents -t /out {} + \
 && cp --parents -r -t /out examples deploy/healthcheck.mjs

FROM node:24-slim AS dependencies
WORKDIR /app
COPY --from=manifests /app ./
# Types, maps and readmes of others are for those who write programs; licences stay.
RUN npm ci --omit=dev --no-audit --no-fund --workspace @tickwire/producer --workspace @tickwire/gateway \
 && rm -rf bench tests examples package-lock.json .npmrc node_modules/@types node_modules/.package-lock.json \
 && find node_modules -type f ! -iname '*licen[cs]e*' \
      \( -name '*.ts' -o -name '*.cts' -o -name '*.mts' -o -name '*.map' -o -name '*.md' \) -delete

FROM node:24-slim
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /opt/yarn-*
ENV NODE_ENV=production NODE_OPTIONS=--enable-source-maps
WORKDIR /app
COPY --from=dependencies /app ./
COPY --from=build /out ./
USER node
HEALTHCHECK --interval=5s --timeout=10s --start-period=20s --retries=3 CMD ["node", "deploy/healthcheck.mjs"]
CMD ["node", "apps/gateway/dist/main.js"]
