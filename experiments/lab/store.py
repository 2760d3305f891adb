"""Where results are kept: one SQLite file, one transaction a run.

A row is in the file the moment its run is finished, so Ctrl-C, a kill or a full disk lose only the runs in
flight. While a sweep runs, its newest rows stand in a second file beside the first, ``NAME-wal``; closing
folds them in, and so does opening a store whose sweep was killed. Copy both, or copy after closing.

A run is found by its key, which holds all that its result depends on, the model's source too
(``experiments/lab/runner.py``). Results of changed source are therefore not wrong but missing.

Every row carries a checksum of itself, so that a bit that a disk or a copy has changed is a damaged row, named and
lived again, and never another number. What SQLite itself cannot read is refused when the file is opened.
"""

import contextlib
import datetime as dt
import functools
import importlib
import importlib.metadata
import json
import os
import platform
import shlex
import sqlite3
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from experiments.lab.disks import network_disk
from experiments.lab.outputs import reason, whole

if TYPE_CHECKING:
    import pandas as pd

ROOT = Path(__file__).parents[2]
PACKAGES = ("mesa", "numpy", "numba", "scipy", "pandas")
MARK = 0x54524F50
"""Written into the header of every store, to tell it from other people's SQLite files ("TROP")."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    key TEXT PRIMARY KEY, source TEXT, status TEXT, outcome TEXT, error TEXT, seconds REAL, sum INTEGER
);
CREATE TABLE IF NOT EXISTS labels (key TEXT, labels TEXT, sum INTEGER, PRIMARY KEY (key, labels));
CREATE TABLE IF NOT EXISTS claims (key TEXT PRIMARY KEY, host TEXT, process INTEGER, born TEXT, at REAL);
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT, sum INTEGER);
CREATE TABLE IF NOT EXISTS inputs (key TEXT PRIMARY KEY, inputs TEXT, sum INTEGER);
CREATE TABLE IF NOT EXISTS parts (digest TEXT PRIMARY KEY, content BLOB, sum INTEGER);
"""
SUMMED = ("runs", "labels", "about", "inputs", "parts")
"""The tables whose rows carry a checksum of all that stands before it."""


CLAIMED = 3600.0
"""How long a run is left to who has claimed it [s], unless that process is of this machine and dead."""


class StoreError(click.ClickException):
    """Results that cannot be kept or read; the message names the file and the way out."""


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What a run was given, so that it can be lived again.

    Args:
        told: plain values by name; where a part stands, its digest.
        parts: what many runs share (an episode, a set of parameters), by digest; made only where the store lacks it.
    """

    told: Mapping[str, Any]
    parts: Mapping[str, Callable[[], Any]]


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One run as a store holds it: what was observed, and what it was given, with its parts in place."""

    key: str
    labels: Mapping[str, Any]
    status: str
    error: str | None
    outcome: Mapping[str, Any]
    inputs: Mapping[str, Any]
    spec: Mapping[str, Any]
    """What the store is about."""


class Store:
    """The results of one sweep, in one file.

    >>> with Store(getfixture("tmp_path") / "toy.sqlite") as store:
    ...     store.put("a key", labels={"world": 7}, outcome={"peak": 0.5}, status="done")
    ...     store.results()
    [{'world': 7, 'peak': 0.5, 'status': 'done', 'error': None}]
    """

    def __init__(self, path: str | Path) -> None:
        """Open a store, or make one where there is none.

        Raises:
            StoreError: if the file is something else, or cannot be written.
        """
        self.path = Path(path)
        results_folder(self.path.parent)
        _warn_of_disk(self.path.absolute())
        with _clearly(self.path, "opened"):
            self._connection = _connected(_address(self.path))
        try:
            with _clearly(self.path, "opened"):
                sound = _check_file(self._connection, self.path)
                # A write-ahead log: a kill at any moment leaves whole rows, and a notebook may read meanwhile.
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.execute("PRAGMA synchronous = NORMAL")
                _make_tables(self._connection)
                if not sound:
                    self._connection.execute("REINDEX")
                    click.echo(f"{self.path}: an index was damaged, and is made anew", err=True)
                _weed(self._connection, self.path)
                self._connection.execute("SELECT count(*) FROM about").fetchone()  # both files are there from now on
            self._files = [self.path, self.path.with_name(f"{self.path.name}-wal")]
            self._stood = [_identity(file) for file in self._files]
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Fold the newest rows into the one file, unless somebody else is using it, and close it."""
        with contextlib.suppress(sqlite3.Error):
            self._connection.execute("PRAGMA busy_timeout = 0")
            self._connection.execute("PRAGMA journal_mode = DELETE")
        self._connection.close()

    def check_place(self) -> None:
        """Refuse to go on if the file is no longer where it was: SQLite would go on writing into a deleted one.

        Raises:
            StoreError: if it was moved, deleted or replaced.
        """
        if [_identity(file) for file in self._files] != self._stood:
            raise StoreError(
                f"{self.path} was moved, deleted or replaced while it was in use: stopped. "
                "What was done since is not in it; the same command does again what is missing"
            )

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Write all of a block or nothing, and say clearly when the disk refuses or the file is gone."""
        self.check_place()
        with _clearly(self.path, "written"), self._connection:
            yield self._connection

    def agree(self, spec: Mapping[str, Any], growing: Collection[str] = ()) -> None:
        """Keep what the sweep is about; later, refuse a spec that disagrees.

        Leave out numbers that may grow from one command to the next (seeds); name lists that may.

        Args:
            spec: what the sweep is about, by name.
            growing: names (joined by dots) of lists of which more, or only some, may be asked for later.

        Raises:
            StoreError: if the store holds another spec; the message lists every difference by name.
        """
        asked = json.loads(json.dumps(dict(spec), default=str))
        held = self.about().get("spec", asked)
        differing = "; ".join(differences(held, asked, growing))
        if differing:
            way_out = "Give another file, or delete this one to start anew."
            raise StoreError(f"{self.path} holds something else: {differing}. {way_out}")
        self._note(spec=_grown(held, asked, growing))

    def record(self, **facts: Any) -> None:
        """Keep where the results come from: ``provenance()``, and what else is given (seed, parameters, ...)."""
        self._note(**provenance() | facts)

    def _note(self, **facts: Any) -> None:
        rows = [_summed(name, json.dumps(value, default=str)) for name, value in facts.items()]
        with self._writing() as connection:
            connection.executemany("INSERT OR REPLACE INTO about VALUES (?, ?, ?)", rows)

    def about(self) -> dict[str, Any]:
        """Return what is known about the results: spec, command, date, versions, commit, source."""
        return _about(self._connection, self.path)

    def has(self, key: str) -> bool:
        """Whether a run is done. One that failed or crashed is not: it is tried again."""
        return self.outcome(key) is not None

    def outcome(self, key: str) -> dict[str, Any] | None:
        """Return what was observed in a run, or None if it is not done."""
        query = "SELECT key, source, status, outcome, error, seconds, sum FROM runs WHERE key = ?"
        *row, total = self._connection.execute(query, (key,)).fetchone() or (None,) * 7
        done = row[2] == "done" and total == checksum(*row)  # a damaged row is a run that is not done
        return _readable(row[3]) if done else None

    def label(self, key: str, labels: Mapping[str, Any], inputs: Inputs | None = None) -> None:
        """Add labels to a run that is there already: the same run may stand in two cells of a design."""
        with self._writing() as connection:
            _put_labels(connection, key, labels)
            _put_inputs(connection, key, inputs)

    def claim(self, key: str) -> bool:
        """Whether a run is this process's to carry out: it is not done, and no other process is at it.

        A claim ends when the run's row is written or ``release`` is called, when its process has died, as far as
        this machine can know, and after an hour: a run may then be done twice, which costs time and nothing else.
        """
        me = (platform.node(), os.getpid(), _born(os.getpid()))
        with self._writing() as connection:
            connection.execute("BEGIN IMMEDIATE")
            if self.has(key):
                return False
            query = "SELECT host, process, born, at FROM claims WHERE key = ?"
            held = connection.execute(
                f"{query} AND typeof(process) = 'integer' AND typeof(at) = 'real'", (key,)
            ).fetchone()
            if held and _alive(*held):
                return False
            connection.execute("INSERT OR REPLACE INTO claims VALUES (?, ?, ?, ?, ?)", (key, *me, time.time()))
        return True

    def release(self, keys: Iterable[str]) -> None:
        """Give claims up."""
        with contextlib.suppress(StoreError), self._writing() as connection:
            connection.executemany("DELETE FROM claims WHERE key = ?", [(key,) for key in keys])

    def put(
        self,
        key: str,
        *,
        labels: Mapping[str, Any],
        outcome: Mapping[str, Any],
        status: str,
        error: str | None = None,
        seconds: float | None = None,
        source: str | None = None,
        inputs: Inputs | None = None,
    ) -> None:
        """Write one finished run, in its own transaction; in place of an earlier failure if there is one.

        Args:
            key: what tells this run from all others.
            labels: what stands beside the outcome in every table (world, cell, arm, seed).
            outcome: what was observed, by name.
            status: done, failed (it raised an error) or crashed (its process died).
            error: what went wrong, in words.
            seconds: how long it took [s].
            source: hash of the model's source.
            inputs: what it was given.

        Raises:
            StoreError: if the disk is full or refuses; the rows written before are safe.
        """
        with self._writing() as connection:
            took = None if seconds is None else float(seconds)  # as SQLite keeps it, and the checksum with it
            row = _summed(key, source, status, json.dumps(dict(outcome)), error, took)
            connection.execute("INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            connection.execute("DELETE FROM claims WHERE key = ?", (key,))
            _put_labels(connection, key, labels)
            _put_inputs(connection, key, inputs)

    def results(self, keys: Iterable[str] | None = None) -> list[dict[str, Any]]:
        """Return labels, outcome, status and error of each run, sorted by labels.

        Args:
            keys: the runs asked for; without them, all runs of the source that last wrote here.
        """
        return list(self.rows(keys))

    def rows(self, keys: Iterable[str] | None = None) -> Iterator[dict[str, Any]]:
        """Yield the rows of ``results`` one at a time, for a sweep of any size in little memory."""
        self.check_place()
        return _rows(self._connection, self.path, keys)


def open_results(path: str | Path, *, keys: bool = False) -> "pd.DataFrame":
    """Return a store's runs as a tidy frame: a row a run, its labels, its outcome, status and error.

    Where the results come from stands in the frame's ``attrs``. The file is only read.

    Args:
        path: the store.
        keys: whether to give each run's key, too, by which ``python -m experiments.run --from`` finds it.

    Raises:
        StoreError: if there is no such store.
    """
    import pandas as pd  # it takes longer to import than all else here, and only readers need it

    path = Path(path)
    with _reading(path) as connection:
        columns: dict[str, list[Any]] = {"status": [], "error": []}
        for number, row in enumerate(_rows(connection, path, None, with_key=keys)):
            if number == 0:
                columns = {name: [] for name in row}
            for name, value in row.items():  # lists of values take a third of the memory of a list of rows
                columns[name].append(sys.intern(value) if isinstance(value, str) else value)
        frame = pd.DataFrame(columns)
        frame.attrs = _about(connection, path)
    return frame


@contextlib.contextmanager
def _reading(path: str | Path) -> Iterator[sqlite3.Connection]:
    """Open a store that is only to be read."""
    path = Path(path)
    if not path.is_file():
        raise StoreError(f"there is no store {path}: run the experiment that makes it, or check the name")
    with _clearly(path, "read"), contextlib.closing(_readable_store(path)) as connection:
        yield connection


def export(path: str | Path, to: str | Path) -> None:
    """Write a store's runs to a ``.csv`` or ``.parquet`` file (Parquet carries the provenance, too).

    Raises:
        click.ClickException: if the kind of file is another, pyarrow is missing, or the file cannot be written.
    """
    to = Path(to)
    check_export(to)
    frame = open_results(path)
    try:
        with whole(to) as half:
            if to.suffix == ".csv":
                frame.to_csv(half, index=False)
            else:
                frame.to_parquet(half, index=False, engine="pyarrow")
    except (ValueError, TypeError) as error:
        raise StoreError(f"{to} cannot be written: {error}") from None


def kept_run(path: str | Path, beginning: str) -> Kept:
    """Return one run of a store, by the beginning of its key. The file is only read.

    Raises:
        StoreError: if there is no such store, not exactly one such run, or not all of it is there.
    """
    with _reading(path) as connection:
        query = "SELECT key FROM runs WHERE substr(key, 1, ?) = ? ORDER BY key LIMIT 4"
        keys = [key for (key,) in connection.execute(query, (len(beginning), beginning))]
        if not keys:
            every = "open_results(STORE, keys=True) gives them all"
            raise StoreError(f"no run of {path} has a key that begins with {beginning!r}: {every}")
        if len(keys) > 1 and keys[0] != beginning:
            some = ", ".join(key[:12] for key in keys[:3]) + (", ..." if len(keys) > 3 else "")
            raise StoreError(f"several runs of {path} have a key that begins with {beginning!r}: {some}")

        def row(table: str, name: str, key: str) -> list[Any]:
            _, contents, intact = next(_checked(connection, table, f"WHERE {name} = ?", key), (0, [], False))
            if not intact:
                missing = "what that run was given is not in it, or damaged"
                raise StoreError(f"{path}: {missing}: the command that made it adds it, and lives only what is missing")
            return contents

        (key,) = keys[:1]
        _, _, status, outcome, error, _ = row("runs", "key", key)
        inputs = json.loads(row("inputs", "key", key)[1])
        for part in inputs.pop("parts"):
            inputs[part] = json.loads(zlib.decompress(row("parts", "digest", inputs[part])[1]))
        return Kept(
            key=key, labels=json.loads(row("labels", "key", key)[1]), status=status, error=error,
            outcome=json.loads(outcome), inputs=inputs, spec=_facts(connection)[0].get("spec", {}),
        )  # fmt: skip


def check_export(to: Path) -> None:
    """Refuse an export that could not be written, before there is anything to export.

    Raises:
        StoreError: if the kind of file is another, or pyarrow is missing.
    """
    if to.suffix not in (".csv", ".parquet"):
        raise StoreError(f"{to} cannot be written: expected a name that ends in .csv or .parquet")
    if to.suffix == ".parquet":
        try:
            importlib.import_module("pyarrow")
        except ImportError:
            raise StoreError(f"{to} needs pyarrow: pip install pyarrow, or write a .csv file") from None


@functools.cache
def _warn_of_disk(path: Path) -> None:
    """Say once that a store lies where SQLite cannot rely on locks."""
    if disk := network_disk(path):
        why = "SQLite's locks are unreliable there, and two commands at once can damage it"
        way_out = "give --store or --results on a local disk"
        click.echo(f"Warning: {path} is on a network disk ({disk}): {why}; {way_out}", err=True)


def _born(process: int) -> str | None:
    """Return what tells a process from a later one of the same number, or None if there is none, or nobody says."""
    try:
        state, *others = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return None if state == "Z" else others[18]  # one that is dead and not yet buried is dead
    except (OSError, IndexError):
        return None


def _alive(host: str, process: int, born: str | None, at: float) -> bool:
    """Whether who made a claim may still be at it."""
    if abs(time.time() - at) > CLAIMED:
        return False
    if host != platform.node() or os.name == "nt":  # where the question below would be a Ctrl-C
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # somebody else's process: it lives
        pass
    return born == _born(process)


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another that takes its name later, or None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def check_names(path: Path, outputs: Iterable[Path], inputs: Iterable[Path] = ()) -> None:
    """Refuse, before the first run, outputs that would be written over one another, an input, or any store.

    Args:
        path: the store.
        outputs: all that is to be written beside it, whatever names it.
        inputs: files that were read, or are to be.

    Raises:
        StoreError: if two files have one name.
    """
    files = [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal")), *inputs]
    taken = {file.resolve() for file in files}
    for output in outputs:
        place = output.resolve()
        if place in taken or _is_store(place):
            raise StoreError(f"{output} would be written over another file of that name: give another name")
        taken.add(place)


def _is_store(path: Path) -> bool:
    """Whether a file is a store of ours, by its first bytes."""
    try:
        with path.open("rb") as file:
            return file.read(72)[68:] == MARK.to_bytes(4, "big")
    except OSError:
        return False


def stores_in(folder: Path) -> list[Path]:
    """Return the stores in a folder."""
    return sorted(file for file in folder.iterdir() if file.is_file() and _is_store(file)) if folder.is_dir() else []


def results_folder(path: str | Path) -> Path:
    """Make a folder for results if there is none, and return it.

    Raises:
        StoreError: if it cannot be made or written into.
    """
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise StoreError(f"no results can be written into {folder} ({reason(error)}): give another folder") from None
    return folder


def provenance() -> dict[str, str]:
    """Return where results come from: command, date, versions of Python and packages, commit."""
    return {
        "command": _command(),
        "date": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        **{package: _version(package) for package in PACKAGES},
        "commit": _commit(),
    }


def differences(held: Mapping[str, Any], asked: Mapping[str, Any], growing: Collection[str] = ()) -> list[str]:
    """Return in what two specs differ, one line a name.

    >>> differences({"arms": "twins", "vary": {"entry.troops": [5000]}}, {"arms": "twins", "days": 90})
    ['days: not in the store, now 90', 'vary.entry.troops: [5000] in the store, not asked for now']
    >>> differences({"seeds": [1, 2]}, {"seeds": [1, 2, 3]}, growing=["seeds"])
    []
    """
    before, now = _flat(held), _flat(asked)
    lines = []
    for name in sorted({**before, **now}):
        if name in growing and name in before and name in now and _nested(before[name], now[name]):
            continue
        if name not in before:
            lines.append(f"{name}: not in the store, now {now[name]}")
        elif name not in now:
            lines.append(f"{name}: {before[name]} in the store, not asked for now")
        elif before[name] != now[name]:
            lines.append(f"{name}: {before[name]} in the store, now {now[name]}")
    return lines


def _nested(one: list[Any], other: list[Any]) -> bool:
    """Whether all of one list is in the other."""
    first, second = ({json.dumps(value) for value in values} for values in (one, other))
    return first <= second or second <= first


def _grown(held: Any, asked: Any, growing: Collection[str], name: str = "") -> Any:
    """Return the held spec with what is new in its growing lists."""
    if isinstance(held, Mapping):
        inside = f"{name}." if name else ""
        return {key: _grown(value, asked[key], growing, inside + key) for key, value in held.items()}
    if name not in growing:
        return held
    before = {json.dumps(value) for value in held}
    return held + [value for value in asked if json.dumps(value) not in before]


def _flat(nested: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Return nested names joined by dots."""
    flat: dict[str, Any] = {}
    for name, value in nested.items():
        inside = isinstance(value, Mapping) and value
        flat |= _flat(value, f"{above}{name}.") if inside else {f"{above}{name}": value}
    return flat


@contextlib.contextmanager
def _clearly(path: Path, verb: str) -> Iterator[None]:
    """Turn SQLite's errors into one line that names the file and the way out."""
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:  # of a damaged file, SQLite may say what is no text
        said = str(error)
        if "full" in said:
            what = f"the disk is full: what {path} holds is safe; make room, and the same command goes on from there"
        elif _is_store(path) and ("malformed" in said or "no such" in said or isinstance(error, UnicodeDecodeError)):
            what = _damaged(path, said)
        elif "not a database" in said or "malformed" in said:
            what = _not_a_store(path)
        else:
            what = f"{path} cannot be {verb} ({said}): check the folder and the disk, or give another file"
        raise StoreError(what) from None


def _not_a_store(path: Path) -> str:
    return f"{path} is not a store of results: give another file, or move this one away"


def _damaged(path: Path, what: str) -> str:
    way_out = "move it away and start anew, or save what is left with sqlite3's .recover"
    return f"{path} is damaged ({' '.join(what.split())[:80]}): {way_out}"


def checksum(*values: Any) -> int:
    """Return the checksum of a row: any one bit that changes in it changes the sum, too.

    >>> checksum("a key", None, 0.5), checksum("a key", None, 0.25)
    (4177032942, 687407847)
    """
    return zlib.crc32(json.dumps(values, default=repr).encode())


def _summed(*values: Any) -> tuple[Any, ...]:
    return (*values, checksum(*values))


def _address(path: Path) -> str:
    return path.absolute().as_uri()


def _connected(address: str) -> sqlite3.Connection:
    """Connect to a file; a damaged letter in it becomes one that its checksum does not know, and no error."""
    connection = sqlite3.connect(address, uri=True, timeout=60.0)
    connection.text_factory = lambda raw: raw.decode(errors="replace")
    connection.create_function("checksum", -1, checksum, deterministic=True)
    return connection


def _readable_store(path: Path) -> sqlite3.Connection:
    """Connect to a store that is only to be read; what is old or wrong about it is put right in a copy in memory."""
    connection = _connected(f"{_address(path)}?mode=ro")
    try:
        connection.execute("BEGIN")  # one state for all that is read, while others write
        if _check_file(connection, path) and not any(_lacks_sum(connection, table) for table in SUMMED):
            return connection
        connection.rollback()
        memory = _connected("file::memory:")
        connection.backup(memory)
    except BaseException:
        connection.close()
        raise
    connection.close()
    _make_tables(memory)
    memory.execute("REINDEX")
    return memory


def _check_file(connection: sqlite3.Connection, path: Path) -> bool:
    """Refuse what is no store of ours, and one with a table that SQLite cannot read.

    An empty file is ours: a kill may leave it at the very start.

    Returns:
        Whether all indexes agree with their tables.
    """
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    (mark,) = connection.execute("PRAGMA application_id").fetchone()
    if tables and mark != MARK:
        raise StoreError(_not_a_store(path))
    (state,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if state != "ok":
        (state_of_tables,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if state_of_tables != "ok":
            raise StoreError(_damaged(path, str(state_of_tables)))
    for table in tables:
        held, expected = _columns(connection, table), _columns_of_schema().get(table, [])
        if held not in (expected, [column for column in expected if column[0] != "sum"]) or not held:
            raise StoreError(_damaged(path, f"its table {table}"))
    return bool(state == "ok")


def _columns(connection: sqlite3.Connection, table: str) -> list[tuple[str, str]]:
    """Return the names and types of a table's columns."""
    return connection.execute("SELECT name, type FROM pragma_table_info(?)", (table,)).fetchall()


@functools.cache
def _columns_of_schema() -> dict[str, list[tuple[str, str]]]:
    """Return the columns of each table, as they should be."""
    with contextlib.closing(sqlite3.connect(":memory:")) as memory:
        memory.executescript(SCHEMA)
        return {name: _columns(memory, name) for (name,) in memory.execute("SELECT name FROM sqlite_master")}


def _contents(table: str) -> str:
    """Return the columns of a table of which its checksum is made."""
    return ", ".join(name for name, _ in _columns_of_schema()[table] if name != "sum")


def _lacks_sum(connection: sqlite3.Connection, table: str) -> bool:
    return _columns(connection, table) != _columns_of_schema()[table]


def _make_tables(connection: sqlite3.Connection) -> None:
    """Make the tables that a store lacks; rows from before there were checksums get theirs, as they are."""
    connection.executescript(f"BEGIN IMMEDIATE; {SCHEMA}")
    with connection:
        for table in SUMMED:
            if _lacks_sum(connection, table):
                connection.execute(f"ALTER TABLE {table} ADD COLUMN sum INTEGER")
                connection.execute(f"UPDATE {table} SET sum = checksum({_contents(table)})")
        connection.execute(f"PRAGMA application_id = {MARK}")


def _put_labels(connection: sqlite3.Connection, key: str, labels: Mapping[str, Any]) -> None:
    connection.execute("INSERT OR IGNORE INTO labels VALUES (?, ?, ?)", _summed(key, json.dumps(dict(labels))))


def _put_inputs(connection: sqlite3.Connection, key: str, inputs: Inputs | None) -> None:
    if inputs is None:
        return
    told = json.dumps(dict(inputs.told), default=float)
    connection.execute("INSERT OR IGNORE INTO inputs VALUES (?, ?, ?)", _summed(key, told))
    for digest, content in inputs.parts.items():
        if connection.execute("SELECT 1 FROM parts WHERE digest = ?", (digest,)).fetchone() is None:
            packed = zlib.compress(json.dumps(content(), default=float).encode())
            connection.execute("INSERT OR IGNORE INTO parts VALUES (?, ?, ?)", _summed(digest, packed))


def _checked(
    connection: sqlite3.Connection, table: str, which: str = "", *given: str
) -> Iterator[tuple[int, list[Any], bool]]:
    """Yield place and contents of each row of a table, and whether it is whole."""
    query = f"SELECT rowid, {_contents(table)}, sum FROM {table} {which}"
    for place, *row, total in connection.execute(query, given):
        yield place, row, total == checksum(*row)


def _weed(connection: sqlite3.Connection, path: Path) -> None:
    """Take damaged rows out, and name them: a run that is not there is carried out again."""

    def damaged() -> list[tuple[str, int, str]]:
        rows = ((table, *row) for table in SUMMED for row in _checked(connection, table))
        return [(table, place, contents[0]) for table, place, contents, intact in rows if not intact]

    if damaged():
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            out = damaged()
            for table, place, _ in out:
                connection.execute(f"DELETE FROM {table} WHERE rowid = ?", (place,))
        _say_left_out(path, [name for _, _, name in out])


def _say_left_out(path: Path, names: Iterable[Any]) -> None:
    """Say which rows are left out: runs by the beginnings of their keys, what a store says of itself by its name."""
    if left_out := sorted({ascii(str(name)[:12])[1:-1] for name in names}):
        rows = "1 damaged row is" if len(left_out) == 1 else f"{len(left_out):,} damaged rows are"
        named = ", ".join(left_out[:3]) + (", ..." if len(left_out) > 3 else "")
        click.echo(f"{path}: {rows} left out ({named}): the same command does again what is missing", err=True)


def _readable(text: Any) -> dict[str, Any] | None:
    """Return the names and values of a cell, or None if it is damaged: all that is written here is ASCII."""
    try:
        value = json.loads(text) if isinstance(text, str) and text.isascii() else None
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _about(connection: sqlite3.Connection, path: Path) -> dict[str, Any]:
    """Return what a store says of itself, and say what of it is left out."""
    facts, damaged = _facts(connection)
    _say_left_out(path, damaged)
    return facts


def _facts(connection: sqlite3.Connection) -> tuple[dict[str, Any], list[str]]:
    """Return what a store says of itself, by name, and the names of what is damaged."""
    facts, damaged = {}, []
    for _, (name, value), intact in _checked(connection, "about", "ORDER BY name"):
        try:
            facts[name] = json.loads(value if intact else "")
        except ValueError:
            damaged.append(name)
    return facts, damaged


def _rows(
    connection: sqlite3.Connection, path: Path, keys: Iterable[str] | None, *, with_key: bool = False
) -> Iterator[dict[str, Any]]:
    """Yield the rows asked for; what SQLite cannot read is one clear line."""
    with _clearly(path, "read"):
        for key, row in _sorted_rows(connection, path, keys):
            yield {"key": key} | row if with_key else row


def _sorted_rows(
    connection: sqlite3.Connection, path: Path, keys: Iterable[str] | None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the rows asked for, each with all the columns, sorted by labels; only labels and keys are held."""
    wanted = None if keys is None else set(keys)
    source = _facts(connection)[0].get("source") or _newest_source(connection)
    others: set[str] = set()
    """Runs that are whole, and not asked for."""
    unlabelled: set[str] = set()
    """Runs that are asked for, and have no row yet."""
    left_out: set[str] = set()
    for _, (key, row_source, _, outcome, _, _), intact in _checked(connection, "runs"):
        asked = key in wanted if wanted is not None else source in (None, row_source)
        intact = intact and _readable(outcome) is not None
        (left_out if not intact else unlabelled if asked else others).add(key)
    asked_for = frozenset(unlabelled)
    label_names: dict[str, None] = {}
    outcome_names: dict[str, None] = {}
    found: list[Any] = []
    for place, (key, labels), intact in _checked(connection, "labels", "ORDER BY key, labels"):
        told = _readable(labels) if intact else None
        if key in asked_for and told is not None:
            (outcome,) = connection.execute("SELECT outcome FROM runs WHERE key = ?", (key,)).fetchone()
            unlabelled.discard(key)
            label_names |= dict.fromkeys(told)
            outcome_names |= dict.fromkeys(json.loads(outcome))
            found.append((told, place))
        elif key not in others or not intact:
            left_out.add(key)
    order = [([_order(told.get(name)) for name in label_names], place) for told, place in found]
    del found
    left_out |= unlabelled
    _say_left_out(path, left_out if wanted is None else left_out & wanted)
    order.sort(key=lambda item: item[0])
    query = "SELECT labels, outcome, status, error, key FROM runs JOIN labels USING (key) WHERE labels.rowid = ?"
    for _, place in order:
        row = connection.execute(query, (place,)).fetchone()
        told, seen = (_readable(row[0]), _readable(row[1])) if row else (None, None)
        if told is None or seen is None:
            raise StoreError(f"{path} changed while it was read: read it again")
        _, _, status, error, key = row
        inputs = {name: told.get(name) for name in label_names}
        yield key, inputs | {name: seen.get(name) for name in outcome_names} | {"status": status, "error": error}


def _newest_source(connection: sqlite3.Connection) -> str | None:
    """Return the source of the newest row, where a store no longer says which wrote last."""
    (source,) = connection.execute("SELECT source FROM runs ORDER BY rowid DESC LIMIT 1").fetchone() or (None,)
    return source


def _order(value: Any) -> tuple[int, Any]:
    """Return a sorting key that lets nothing, numbers and words stand in one column, in this order."""
    if value is None:
        return 0, 0
    return (2, value) if isinstance(value, str) else (1, value)


def _command() -> str:
    """Return the command line without the folders of this machine."""
    module = getattr(sys.modules.get("__main__"), "__spec__", None)
    program = f"-m {module.name.removesuffix('.__main__')}" if module else Path(sys.argv[0]).name
    return " ".join(["python", program, shlex.join(sys.argv[1:])]).strip()


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _commit() -> str:
    """Return the commit of this project and whether files were changed since, or ``unknown`` outside git."""
    try:
        top, commit = _git("rev-parse", "--show-toplevel", "HEAD").split("\n")
        if Path(top).resolve() != ROOT.resolve():
            return "unknown"
        return f"{commit} and uncommitted changes" if _git("status", "--porcelain") else commit
    except (OSError, ValueError, subprocess.SubprocessError):
        return "unknown"


def _git(*words: str) -> str:
    done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=True, timeout=20)
    return done.stdout.strip()
