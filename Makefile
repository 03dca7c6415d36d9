# make demo   a database, the documents of seeds/, a server
# make test   the whole suite
# make thorough      the suite with many more generated cases
# make lint   ruff and mypy
# make explorer      the explorer page, if its sources changed
# make screenshots   the pictures of docs/images

# Tests start Python hundreds of times, which takes twice as long without compiled files.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test thorough lint explorer screenshots clean

demo:
	@scripts/venv embedded
	@exec .venv/bin/newsgraph demo

test:
	@scripts/venv embedded,test,dev
	@.venv/bin/python -m tests.packages
	@.venv/bin/python -m pytest -n 5 --dist loadfile --no-loadscope-reorder

thorough:
	@scripts/venv embedded,test,dev
	@.venv/bin/python -m tests.packages
	@.venv/bin/python -m pytest -n 5 --dist loadfile --no-loadscope-reorder --hypothesis-profile thorough

lint:
	@scripts/venv embedded,test,dev
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy

explorer:
	@scripts/venv embedded
	@.venv/bin/python hatch_build.py

screenshots:
	@scripts/venv embedded,test,dev
	@.venv/bin/python -m tests.browser.screenshots

clean:
	rm -rf .venv .packages .newsgraph .mypy_cache .pytest_cache .ruff_cache
