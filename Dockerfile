# One image for pages, workers and the timekeeper. The project lies in it as it lies in a clone, for templates, languages
# and migrations are found beside the code; what only builds and tests stays behind.
FROM python:3.11-slim-bookworm AS build
WORKDIR /opt/giao
RUN python -m venv .venv
COPY requirements.txt .
RUN .venv/bin/python -m pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements.txt
COPY . .
# Compiled now: where the tree is read-only each start would do it again, half a second of it.
RUN .venv/bin/python -m pip install --no-index --no-deps --no-build-isolation --editable . \
 && .venv/bin/python -m pip uninstall --yes --quiet pip \
 && rm -rf bench scripts Makefile requirements*.in requirements-dev.txt \
 && .venv/bin/python -m compileall -q -x /.venv/ .

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/giao --create-home giao
COPY --from=build /opt/giao /opt/giao
ENV PATH=/opt/giao/.venv/bin:$PATH DATA_DIR=/var/lib/giao PYTHONUNBUFFERED=1
WORKDIR /opt/giao
USER giao
VOLUME /var/lib/giao
EXPOSE 8000
CMD ["giao", "web", "--host", "0.0.0.0", "--port", "8000"]
