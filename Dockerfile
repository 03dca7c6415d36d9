FROM python:3.13-slim AS build
WORKDIR /source
COPY . .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels . \
    && python -m venv /opt/newsgraph \
    && /opt/newsgraph/bin/pip install --no-cache-dir /wheels/*.whl

FROM python:3.13-slim
RUN useradd --system --create-home newsgraph
COPY --from=build /opt/newsgraph /opt/newsgraph
ENV PATH=/opt/newsgraph/bin:$PATH PYTHONUNBUFFERED=1
USER newsgraph
WORKDIR /home/newsgraph
EXPOSE 8000
# /readyz answers 503, which urlopen raises, until the database is up and was loaded into once.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('NEWSGRAPH_PORT', '8000') + '/readyz', timeout=4)"]
ENTRYPOINT ["newsgraph"]
CMD ["serve", "--host", "0.0.0.0"]
