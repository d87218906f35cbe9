# fovea in an image: docker build -t fovea . (another registry: --build-arg NPM_REGISTRY=URL)
# docker run -p 7077:7077 --user "$(id -u):$(id -g)" -e FOVEA_SERVER_TOKEN -v "$PWD:/workspace" fovea serve tiles@champion
ARG NODE_IMAGE=node:20-bookworm-slim

FROM ${NODE_IMAGE} AS build
ARG NPM_REGISTRY
WORKDIR /fovea
COPY package.json package-lock.json .npmrc ./
# The packages hold what they need for this platform; none has to fetch or compile anything.
RUN npm ci --ignore-scripts ${NPM_REGISTRY:+--registry=${NPM_REGISTRY}}
COPY LICENSE README.md tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY src ./src
COPY web ./web
COPY edge ./edge
RUN npm run build && npm prune --omit=dev --ignore-scripts \
  # ONNX Runtime's package brings its libraries for every system: this one's stay.
  && cd node_modules/onnxruntime-node/bin && for each in */*/*; do \
    [ "${each#*/}" = "$(node -p '`${process.platform}/${process.arch}`')" ] || rm -r "$each"; done

FROM ${NODE_IMAGE}
ENV NODE_ENV=production FOVEA_WORKSPACE=/workspace FOVEA_SERVER_HOST=0.0.0.0 FOVEA_SERVER_PORT=7077
WORKDIR /fovea
COPY --from=build /fovea/package.json /fovea/LICENSE /fovea/README.md ./
COPY --from=build /fovea/node_modules ./node_modules
COPY --from=build /fovea/dist ./dist
RUN mkdir /workspace && chown node:node /workspace
USER node
WORKDIR /workspace
VOLUME /workspace
EXPOSE 7077
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.FOVEA_SERVER_PORT + '/v2/health/ready').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGINT
ENTRYPOINT ["node", "/fovea/dist/cli/main.js"]
CMD ["up"]
