FROM python:3.11-slim AS builder
RUN python -m venv /venv
COPY requirements/run.txt /run.txt
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r /run.txt

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    OPSBOOK_DATABASE_URL=sqlite:////data/opsbook.db \
    OPSBOOK_HOST=0.0.0.0 \
    OPSBOOK_PORT=8080
RUN useradd --system --uid 10001 --home-dir /data opsbook \
    && install --directory --owner opsbook /data
COPY --from=builder /venv /venv
WORKDIR /app
COPY . .
USER opsbook
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"OPSBOOK_PORT\"]}/healthz', timeout=4)"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
