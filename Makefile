# make demo   a database, the documents of seeds/, a server
# make test   the whole suite
# make lint   ruff and mypy

.PHONY: demo test lint clean

demo:
	@scripts/venv embedded
	@exec .venv/bin/newsgraph demo

test:
	@scripts/venv embedded,test,dev
	@.venv/bin/python -m pytest -n 3 --dist loadfile  # they mostly wait for MongoDB

lint:
	@scripts/venv embedded,test,dev
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

clean:
	rm -rf .venv .newsgraph .mypy_cache .pytest_cache .ruff_cache
