#!/bin/sh
# Makes .venv and brings it to one of the two lock files; does nothing when that is done already.
# Called by the Makefile as: tools/venv.sh requirements.txt | requirements-dev.txt      PYTHON chooses the interpreter.
set -eu

lock=$1
unset VIRTUAL_ENV PYTHONPATH PYTHONHOME CONDA_PREFIX PIP_TARGET PIP_PREFIX PIP_CONSTRAINT PIP_REQUIRE_VIRTUALENV
export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 UV_PYTHON_DOWNLOADS=never

stop() {
  echo "$1" >&2
  exit 1
}

recent_enough() {
  "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

choose_python() {
  if [ -n "${PYTHON:-}" ]; then
    command -v "$PYTHON" >/dev/null || stop "PYTHON=$PYTHON is not a program on this machine. Name a Python 3.11 or newer."
    recent_enough "$PYTHON" || stop "PYTHON=$PYTHON is older than Python 3.11, which this project needs."
    echo "$PYTHON"
    return
  fi
  for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do
    if recent_enough "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  stop "Python 3.11 or newer is needed and was not found on PATH. Install one, or say where it is: make ... PYTHON=/path/to/python3"
}

# A named interpreter of another version than the environment's asks for a new environment.
other_version_is_asked_for() {
  [ -n "${PYTHON:-}" ] && recent_enough "$PYTHON" &&
    [ "$("$PYTHON" -c 'import sys; print(sys.version_info[:2])')" != "$(.venv/bin/python -c 'import sys; print(sys.version_info[:2])')" ]
}

make_environment() {
  python=$(choose_python)
  "$python" -c 'import venv, ensurepip' 2>/dev/null ||
    stop "$python cannot make virtual environments. On Debian or Ubuntu run: apt-get install python3-venv"
  echo "Making .venv with $("$python" --version)" >&2
  "$python" -m venv --clear .venv || stop "$python could not make .venv; its own message stands above."
}

# uv is quick and removes what the lock does not name; plain pip is the way where uv cannot be had.
install_lock() {
  echo "Installing what $lock pins (once; about a minute at most)" >&2
  if .venv/bin/python -m pip install --quiet --require-hashes --target .venv/.uv --upgrade -r requirements-uv.txt &&
    .venv/.uv/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes "$lock"; then
    return
  fi
  echo "uv did not do it here; going on with pip" >&2
  .venv/bin/python -m pip install --quiet --require-hashes -r "$lock"
}

is_synced() {
  cmp -s "$lock" ".venv/.synced-$lock"
}

if ! .venv/bin/python -c '' 2>/dev/null || other_version_is_asked_for; then
  make_environment
fi
is_synced && exit 0
rm -f .venv/.synced-*
install_lock
cp "$lock" ".venv/.synced-$lock"
# requirements-dev.txt holds all of requirements.txt, so it serves the demo as well.
[ "$lock" = requirements.txt ] || cp requirements.txt .venv/.synced-requirements.txt
