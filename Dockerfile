# One image for every role: web, worker, beat, migrate. The public page needs none of it: nginx serves it from files.

FROM python:3.11-slim-bookworm AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gcc libc6-dev libpq-dev \
    && rm -rf /var/lib/apt/lists/*
RUN python -m venv /opt/venv
COPY requirements/production.lock /build/production.lock
# psycopg2 is compiled against the system's libpq, as its authors advise for production; everything is checked by hash.
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --no-binary psycopg2 \
    --requirement /build/production.lock

FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libpq5 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 statuscomms \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin statuscomms \
    && install --directory --owner 10001 --group 10001 /srv/statuspage
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=statuscomms.settings.production \
    STATUSPAGE_DIR=/srv/statuspage
WORKDIR /app
COPY manage.py ./
COPY core core
COPY audit audit
COPY accounts accounts
COPY catalogue catalogue
COPY stakeholders stakeholders
COPY policies policies
COPY screening screening
COPY templates templates
COPY incidents incidents
COPY approvals approvals
COPY notifications notifications
COPY statuspage statuspage
COPY integrations integrations
COPY console console
COPY statuscomms statuscomms
COPY ui ui
COPY deploy/healthcheck.py deploy/healthcheck.py
# The settings refuse to load without a key; this one is thrown away with the layer's shell.
RUN SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(64))')" ALLOWED_HOSTS=build.invalid \
    python manage.py collectstatic --noinput --verbosity 0
USER 10001:10001
EXPOSE 8000
CMD ["gunicorn", "statuscomms.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "8", "--worker-tmp-dir", "/dev/shm", "--no-control-socket", "--access-logfile", "-"]
