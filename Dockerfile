# One module's image, or that of shopfn itself, for those who prefer a Dockerfile: `shopfn image` makes a smaller one,
# the same to the byte each time, and needs no Docker.
#
#   docker build --build-arg MODULE=catalog .
ARG SWIFT_VERSION=6.3.1

FROM swift:${SWIFT_VERSION}-bookworm AS build
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libcurl4-openssl-dev libhiredis-dev libjansson-dev libssl-dev libyaml-dev zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
# What .dockerignore admits: all that Package.swift names.
COPY . ./
ARG MODULE
RUN test -n "${MODULE}" || { echo "say which module: --build-arg MODULE=catalog" >&2; exit 1; }
RUN swift build --configuration release --product "${MODULE}" \
    && install -D -s "$(swift build --configuration release --show-bin-path)/${MODULE}" /out/module

FROM debian:bookworm-slim
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libcurl4 libhiredis0.14 libjansson4 libssl3 libyaml-0-2 tzdata zlib1g \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /out/module /usr/local/bin/module
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/module"]
