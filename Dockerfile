# The image of Signet: the program, the shared libraries that it needs, CA certificates, nothing else.
# docker build . - or, without a Docker engine, deploy/release/image.sh FOLDER.
FROM docker.io/library/debian:trixie-slim AS build
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
      binutils ca-certificates cmake g++ libboost-dev libcli11-dev libgtest-dev libpsl-dev libre2-dev libsimdjson-dev \
      libspdlog-dev libssl-dev libyaml-cpp-dev libyaml-dev ninja-build nlohmann-json3-dev pkg-config prometheus-cpp-dev \
      openssl python3 python3-prometheus-client
WORKDIR /src
COPY CMakeLists.txt ./
COPY core core
COPY server server
COPY tests tests
COPY deploy deploy
COPY policies policies
RUN cmake -S . -B /build -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_UNITY_BUILD=ON && ninja -C /build signet
# The unit tests, with the compiler and the libraries of the image.
RUN ninja -C /build $(printf '%s/all ' tests/core/* tests/server/*) && \
    for folder in tests/core/* tests/server/*; do \
      ctest --test-dir "/build/$folder" --parallel "$(nproc)" --output-on-failure --no-tests=error || exit 1; \
    done
RUN deploy/release/root.sh /build/signet /root-of-image && \
    if [ -d /sbom ]; then python3 deploy/release/sbom.py /root-of-image >/sbom/signet.spdx.json; fi

FROM scratch
ARG VERSION=
ARG REVISION=
LABEL org.opencontainers.image.title="Signet" \
      org.opencontainers.image.description="Admits container images into Kubernetes only if the right people signed them" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/example/signet" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=build /root-of-image /
USER 65532:65532
ENTRYPOINT ["/usr/bin/signet"]
CMD ["--help"]
