# The wheel, with whatever building it takes; none of that is in the image.
FROM python:3.13-slim AS wheel
WORKDIR /source
COPY . .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim AS environment
COPY --from=wheel /wheels /wheels
COPY constraints.txt /
RUN python -m venv --without-pip /opt/newsgraph \
    && pip --python /opt/newsgraph/bin/python install --no-cache-dir \
        --constraint /constraints.txt /wheels/*.whl

FROM python:3.13-slim
RUN pip uninstall --yes --root-user-action=ignore pip \
    && useradd --system --create-home newsgraph
COPY --from=environment /opt/newsgraph /opt/newsgraph
ENV PATH=/opt/newsgraph/bin:$PATH PYTHONUNBUFFERED=1
USER newsgraph
WORKDIR /home/newsgraph
EXPOSE 8000
# /readyz answers 503, which urlopen raises, until the database is up and was loaded into once.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('NEWSGRAPH_PORT', '8000') + '/readyz', timeout=4)"]
ENTRYPOINT ["newsgraph"]
CMD ["serve", "--host", "0.0.0.0"]
