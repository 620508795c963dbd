# make demo    the clinic with synthetic patients, until Ctrl-C     (PORT, HOST, DEMO_PASSWORD, FRESH=1)
# make test    the whole suite on PostgreSQL, then what is marked `both` on SQLite     (ARGS="-k name")
# make mariadb what MariaDB must not break, on the server that DATABASE_URL=mysql://... names
# make check   format, lint, types, import contracts, migrations, Django's own checks, templates
# Each needs Python 3.11+ and make, nothing else. PYTHON names the interpreter to make .venv with.

SHELL := /bin/sh
.PHONY: demo test mariadb check clean migration lock docs screenshots release-check matrix bench

# Another activated environment must not leak in.
unexport VIRTUAL_ENV
unexport PYTHONPATH
unexport PYTHONHOME
export PYTHONUNBUFFERED := 1

python := .venv/bin/python
manage := $(python) manage.py
pytest := $(python) -m pytest -n auto --dist worksteal
minimal := DJANGO_SETTINGS_MODULE=tests.hosts.minimal.settings
lint_imports := $(python) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()' --no-logo
compile := .venv/.uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links $(ARGS)
plugin_with_extras := pyproject.toml --extra celery --extra postgres --extra mail --extra exports

demo:
	@tools/venv.sh requirements.txt
	@exec $(manage) demo

# pytest's 5 says "no such test". With ARGS one of the two runs may have none; without ARGS it is a fault.
test:
	@tools/venv.sh requirements-dev.txt
	@allowed=$(if $(strip $(ARGS)),5,0); on_postgres=0; on_sqlite=0; \
	$(pytest) $(ARGS) || on_postgres=$$?; \
	[ $$on_postgres -eq 0 ] || [ $$on_postgres -eq $$allowed ] || exit $$on_postgres; \
	$(pytest) --ds=tests.settings_sqlite $(ARGS) || on_sqlite=$$?; \
	[ $$on_sqlite -eq $$allowed ] && exit $$on_postgres; exit $$on_sqlite

# Migrating, claiming, sending and answering. The driver is compiled: apt-get install libmariadb-dev gcc pkg-config
mariadb:
	@tools/venv.sh requirements-dev.txt
	@$(python) -m pip install --quiet --require-hashes -r requirements-mariadb.txt
	@$(pytest) --ds=tests.settings_mariadb tests/rls_module/followups tests/rls_module/surveys $(ARGS)

# DEBUG lets the reference host run without secrets.
check: export DEBUG = 1
check:
	@tools/venv.sh requirements-dev.txt
	$(python) -m ruff format --check .
	$(python) -m ruff check .
	$(python) -m mypy
	$(lint_imports)
	$(manage) makemigrations --check --dry-run
	$(minimal) $(manage) makemigrations --check --dry-run
	$(manage) check
	$(minimal) $(manage) check
	$(python) -m djlint --quiet --lint rls_module/templates clinic
	$(python) tools/messages.py --check
	$(python) tools/reference.py --check
	$(python) tools/requirement_coverage.py

# The reference pages of docs/, from the code.
docs:
	@tools/venv.sh requirements-dev.txt
	@$(python) tools/reference.py

# The pictures of docs/, from a throw-away demo.
screenshots:
	@tools/venv.sh requirements-dev.txt
	@$(python) tools/screenshots.py

# What a release must pass and what needs a network: known weaknesses, licences, parts list, secrets, the wheel.
release-check:
	@tools/venv.sh requirements-dev.txt
	@$(python) tools/release_check.py

# The suite on every Python and Django that the floors promise.
matrix: export ARGS := $(ARGS)
matrix:
	@tools/venv.sh requirements-dev.txt
	@$(python) tools/matrix.py

# How fast, against something bare in the same run (QUICK=1: a tenth of the patients).
bench:
	@tools/venv.sh requirements-dev.txt
	@$(python) -m bench $(if $(QUICK),--quick)

# Regenerates 0001_initial until 1.0.
migration:
	@tools/venv.sh requirements-dev.txt
	@$(python) tools/migration.py

# Writes the hashed locks for every supported Python and platform; ARGS="--upgrade-package django" renews one package.
lock:
	@tools/venv.sh requirements-dev.txt
	$(compile) $(plugin_with_extras) requirements.in -o requirements.txt
	$(compile) -c requirements.txt $(plugin_with_extras) requirements.in requirements-dev.in -o requirements-dev.txt
	echo uv | $(compile) - -o requirements-uv.txt
	$(compile) requirements-release.in -o requirements-release.txt
	$(compile) requirements-mariadb.in -o requirements-mariadb.txt

clean:
	rm -rf .venv var build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
