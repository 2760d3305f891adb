"""Carries runs out on a Dask cluster, in place of this machine's cores.

The workers need the packages of this project, not the project: the client sends them its ``model/``,
``agents/`` and ``experiments/`` (data, too), and each unpacks them into its own scratch folder. They are not
imported from the archive, because Numba's cache and the episodes want real files. A worker that joins later
gets them as well, one whose packages have other versions is refused (its results might differ), and one that
dies is nobody's loss: Dask gives its runs to the others. A run that kills its workers again and again is
tried once more, alone, and then is a row that says so.
"""

import asyncio
import contextlib
import hashlib
import importlib
import importlib.metadata
import io
import itertools
import logging
import pickle
import platform
import queue
import shutil
import signal
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import cloudpickle
from distributed import Client, LocalCluster, Security, WorkerPlugin
from distributed.comm import connect
from distributed.scheduler import KilledWorker

from experiments.lab import runner
from experiments.lab.cores import cores
from experiments.lab.runner import Engine, Job, Row, Rows, Task
from experiments.lab.store import PACKAGES
from model.records import RecordError, read_record

OURS = ("model", "agents", "experiments")
KINDS = (".py", ".toml", ".csv", ".json")
PREFIX = "tightrope-"
GONE = "the scheduler is gone: what is done is kept; the same command goes on from there"
CONNECT = 8.0
"""How long to try to reach a scheduler [s]."""
PATIENCE = 5.0
"""How long to wait for a row before looking after the cluster [s]."""


class Code(WorkerPlugin):
    """What a worker needs of this project: it unpacks it, and finds it before anything of the same name.

    It travels by value, so it uses nothing of ours.
    """

    name = "tightrope-code"

    def __init__(self, archive: bytes, versions: dict[str, str]) -> None:
        """Keep the archive, its folder's name, and the versions that a worker must have."""
        self.archive, self.versions = archive, versions
        self.folder = PREFIX + hashlib.sha256(archive).hexdigest()[:16]

    def setup(self, worker: Any) -> None:
        """Unpack the code and put it first on the path; forget the code of an earlier sweep."""
        for package, version in self.versions.items():
            if importlib.metadata.version(package) != version:
                has = importlib.metadata.version(package)
                raise RuntimeError(
                    f"{worker.address} has {package} {has}, this machine {version}: results might differ"
                )
        folder = Path(worker.local_directory) / self.folder
        with zipfile.ZipFile(io.BytesIO(self.archive)) as archive:
            archive.extractall(folder)
        sys.path[:] = [str(folder), *(path for path in sys.path if PREFIX not in path)]
        for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
            del sys.modules[name]
        importlib.invalidate_caches()

    def teardown(self, worker: Any) -> None:
        """Remove what was unpacked."""
        shutil.rmtree(Path(worker.local_directory) / self.folder, ignore_errors=True)


def attempt_with(folder: str) -> Callable[[bytes], Any]:
    """Return what a worker does with a packed run. Made inside a function, it travels by value, as ``Code`` does."""

    def attempt_there(packed: bytes) -> Any:
        ours: Any = importlib.import_module("experiments.lab.runner")
        if Path(ours.__file__).parents[2].name != folder:
            raise RuntimeError("this worker holds the code of another sweep: one sweep at a time on a cluster")
        return ours.attempt(*pickle.loads(packed))

    return attempt_there


@contextlib.contextmanager
def cluster(address: str, workers: int | None = None) -> Iterator[Engine]:
    """Connect to a Dask cluster and send it the code; yield what ``carry_out`` takes as its engine.

    Args:
        address: of the scheduler (``tcp://10.0.0.1:8786``), its ``.json`` file, or ``local`` for one on this machine.
        workers: how many processes a local one has; None for one a core.

    Raises:
        click.ClickException: if there is no scheduler, no worker, or one that cannot do it.
    """
    with contextlib.ExitStack() as stack:
        logging.disable(logging.CRITICAL)  # Dask's log breaks the bar; what matters of it is said by us, in one line
        stack.callback(logging.disable, logging.NOTSET)
        if address == "local":
            # What is started now inherits deafness to Ctrl-C, which is for this process to answer.
            held_back = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                address = stack.enter_context(_own_cluster(workers)).scheduler_address
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, held_back)
        client = stack.enter_context(_client(address))
        code = Code(_archive(), {package: importlib.metadata.version(package) for package in PACKAGES})
        # By value, because the workers cannot import this module before they have the code.
        cloudpickle.register_pickle_by_value(sys.modules[__name__])
        stack.callback(cloudpickle.unregister_pickle_by_value, sys.modules[__name__])
        try:
            client.wait_for_workers(1, timeout=30)
            _check_python(client)
            client.register_plugin(code)
        except TimeoutError:
            raise click.ClickException(f"no worker has come to the scheduler at {address} within 30 seconds") from None
        except RuntimeError as error:
            raise click.ClickException(str(error)) from None
        yield lambda jobs, task: _carried_out(client, code.folder, jobs, task)


def _own_cluster(workers: int | None) -> LocalCluster:
    return LocalCluster(
        n_workers=cores(workers),
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=None,
        silence_logs=logging.CRITICAL,
    )


def _client(address: str) -> Client:
    """Connect to a scheduler, after a first call: a client that fails to start says so in pages, minutes later.

    Who the two are to one another (TLS) is read from Dask's own configuration.
    """
    until = time.monotonic() + CONNECT
    try:
        where = _address_in(Path(address), until) if address.endswith(".json") else address
        asyncio.run(asyncio.wait_for(_call(where), max(1.0, until - time.monotonic())))
        return Client(where, timeout=CONNECT, set_as_default=False)
    except Exception as error:  # of any kind: what answers may be anything
        said = " ".join(str(error).split()) or type(error).__name__
        if "ssl_context" in said:
            said = "tls:// needs certificates: name them in Dask's configuration, under distributed.comm.tls"
        raise click.ClickException(f"no Dask scheduler answers at {address} ({said})") from None


def _address_in(file: Path, until: float) -> str:
    """Return the address in a scheduler's file, which a scheduler that is just starting may still have to write."""
    while True:
        try:
            return str(read_record(file, {"address": str})["address"])
        except FileNotFoundError:
            wrong = "there is no such file"
        except RecordError:
            wrong = "the file is not one that a scheduler has written"
        if time.monotonic() > until:
            raise ValueError(wrong)
        time.sleep(0.1)


async def _call(address: str) -> None:
    """Ask a scheduler who it is.

    Raises:
        Exception: of any kind, if it does not answer as one.
    """
    call = await connect(address, timeout=CONNECT, **Security().get_connection_args("client"))
    try:
        await call.write({"op": "identity", "reply": True})
        answer = await call.read()
        if answer.get("type") != "Scheduler":
            raise ValueError("what answers is no scheduler")
    finally:
        call.abort()


def _check_python(client: Client) -> None:
    """Refuse workers with another Python: code that travels by value would not run there."""
    ours = platform.python_version_tuple()[:2]
    versions: Any = client.get_versions()
    for address, known in versions["workers"].items():
        theirs = known["host"]["python"].split(".")[:2]
        if tuple(theirs) != ours:
            raise RuntimeError(f"{address} runs Python {'.'.join(theirs)}, this machine {'.'.join(ours)}")


def _archive() -> bytes:
    """Return a zip of the project's folders; equal files give equal bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for top in OURS:
            for file in sorted((runner.ROOT / top).rglob("*")):
                if file.suffix in KINDS and file.is_file():
                    archive.writestr(zipfile.ZipInfo(file.relative_to(runner.ROOT).as_posix()), file.read_bytes())
    if runner.hash_of_files() != runner.source_hash():
        raise click.ClickException("the model was edited meanwhile: give the command again")
    return packed.getvalue()


def _carried_out(client: Client, folder: str, jobs: Iterator[Job | None], task: Task) -> Rows:
    """Yield the rows of the jobs as they come, two in flight for each of the cluster's threads."""
    in_flight: dict[Any, Job] = {}
    finished: queue.SimpleQueue = queue.SimpleQueue()
    suspects: list[Job] = []
    alone = False
    attempt = attempt_with(folder)
    room, looked = _room(client), time.monotonic()

    def submit(job: Job) -> Row | None:
        try:
            packed = pickle.dumps((*job, task))
        except Exception as error:  # a task or a run that cannot be sent to another process
            return runner._crashed(*job) | {"status": "failed", "error": f"{type(error).__name__}: {error}"}
        future = client.submit(attempt, packed, pure=False)
        in_flight[future] = job
        future.add_done_callback(finished.put)
        return None

    try:
        while True:
            for job in itertools.islice(jobs, 0 if alone else max(0, room - len(in_flight))):
                if job is None:
                    break
                row = submit(job)
                if row:
                    yield row
            if not in_flight and suspects:
                alone = True
                submit(suspects.pop())
            if not in_flight:
                return
            try:
                future = finished.get(timeout=PATIENCE)
            except queue.Empty:
                future = None
            if client.status != "running":
                raise click.ClickException(GONE)
            if time.monotonic() - looked > PATIENCE:
                room, looked = _room(client), time.monotonic()
            if future is None:
                continue
            job = in_flight.pop(future)
            row = _row_of(future, job)
            if row is None and not alone:
                suspects.append(job)
            else:
                alone = False
                yield row or runner._crashed(*job)
    finally:
        with contextlib.suppress(Exception):  # the cluster may be what went wrong
            client.cancel(list(in_flight), force=True)


def _room(client: Client) -> int:
    """Return how many runs to have in flight: as on one machine, two for each that can run at a time."""
    return 2 * max(1, sum(client.nthreads().values()))


def _row_of(future: Any, job: Job) -> Row | None:
    """Return the row of a future, or None if it was there when its workers died, again and again."""
    try:
        return future.result()
    except KilledWorker:
        return None
    except Exception as error:  # the worker could not even begin
        if future.status in ("cancelled", "lost"):
            raise click.ClickException(GONE) from None
        return runner._crashed(*job) | {"status": "failed", "error": f"{type(error).__name__}: {error}"}
