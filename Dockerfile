# The service in one image. Without DATABASE_URL it keeps a private PostgreSQL cluster on the volume:
#   docker build -t emc .
#   docker run --name emc --rm -p 8080:8080 -v emc:/var/lib/emc emc
# It listens beyond loopback, so requests need a token. The first start makes one, with the scope admin:
#   docker exec emc cat /var/lib/emc/first-token

FROM swift:6.3-bookworm AS build
RUN apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
    libcurl4-openssl-dev libgif-dev liblzma-dev libopenblas-dev libpng-dev libpq-dev libtiff-dev libturbojpeg0-dev \
    libwebp-dev libzstd-dev pkg-config zlib1g-dev \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /source
# The packages change seldom: a layer of their own.
COPY Package.swift ./
RUN swift package resolve
COPY . .
RUN swift build -c release --product emc --static-swift-stdlib \
  && install -D "$(swift build -c release --show-bin-path)/emc" /image/usr/local/bin/emc \
  && install -D -m 644 LICENSE /image/usr/share/doc/emc/LICENSE

FROM debian:bookworm-slim
# No cluster of Debian's own beside the private one.
RUN mkdir -p /etc/postgresql-common/createcluster.d \
  && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.d/emc.conf \
  && apt-get update \
  && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
    ca-certificates curl libcurl4 libgif7 liblzma5 libopenblas0-pthread libpng16-16 libpq5 libtiff6 libturbojpeg0 \
    libwebp7 libwebpdemux2 libzstd1 postgresql tzdata zlib1g \
  && rm -rf /var/lib/apt/lists/* \
  && useradd --system --user-group --home-dir /var/lib/emc --create-home emc
COPY --from=build /image /
USER emc
ENV EMC_LISTEN=0.0.0.0:8080 EMC_DATA_DIRECTORY=/var/lib/emc EMC_FIRST_TOKEN_FILE=/var/lib/emc/first-token
VOLUME /var/lib/emc
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["curl", "--fail", "--silent", "--show-error", "--output", "/dev/null", "http://127.0.0.1:8080/livez"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["emc"]
CMD ["serve"]
