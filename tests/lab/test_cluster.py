"""A sweep on a Dask cluster gives the table of a sweep on one machine, whatever happens to the workers.

The scheduler and the workers are real processes on the loopback, started in a folder that holds nothing of
this project. A sweep of real worlds is started in the project, where the rules are compiled already; one with a
task of its own in a copy, which nobody edits meanwhile.
"""

import contextlib
import gc
import http.server
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import click
import pytest

from experiments.lab.store import open_results

clusters = pytest.importorskip("experiments.lab.cluster")

ROOT = Path(__file__).parents[2]
# In a folder of the project, because all of those travel: a task of which one run kills whatever carries it out,
# if it is on a cluster of its own, and all others take a moment.
DEADLY = """
import os
import sys
import time

import click

from experiments import deadly
from experiments.lab import runner
from experiments.lab.cluster import cluster
from experiments.lab.store import Store
from model.episode import load_episode
from model.parameters import Parameters


def task(run):
    if run.seed == 3 and run.labels:
        os._exit(9)
    time.sleep(0.02)
    return {"double": 2 * run.seed}


if __name__ == "__main__":
    labels = {"cluster": "own"} if sys.argv[2] == "local" else {}
    what = {"episode": load_episode("belarus-2022"), "parameters": Parameters(), "arm": "stay", "labels": labels}
    runs = [runner.Run(**what, seed=seed, n_citizens=1000) for seed in range(120 if labels else 3000)]
    try:
        with Store(sys.argv[1]) as store, cluster(sys.argv[2], 2) as engine:
            runner.carry_out(runs, deadly.task, store, engine=engine, progress=False)
    except click.ClickException as error:
        sys.exit(f"Error: {error.message}")
"""
SWEEP = ["--vary", "citizen.threshold=1.8,2.4", "--seeds", "15", "--citizens", "1000", "--days", "60"]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project, from whose folder ``python -m experiments.deadly`` is started."""
    copy = tmp_path_factory.mktemp("project")
    for part in ("model", "agents", "experiments"):
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "experiments" / "deadly.py").write_text(DEADLY)
    return copy


@pytest.fixture
def start(tmp_path):
    """Start ``python -m MODULE ...`` elsewhere, without a way to this project; end it after the test."""
    started = []
    elsewhere = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    elsewhere["DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES"] = "0"  # Dask would try a deadly run four times

    def begin(module, *arguments, cwd=tmp_path):
        command = [sys.executable, "-m", module, *map(str, arguments)]
        with open(tmp_path / f"{len(started)}.log", "w") as log:
            process = subprocess.Popen(command, cwd=cwd, env=elsewhere, stdout=log, stderr=subprocess.STDOUT)
        started.append(process)
        return process

    begin.started = started
    yield begin
    for process in reversed(started):
        process.kill()
        process.wait(timeout=20)


@pytest.fixture
def scheduler(start, tmp_path):
    """The file that tells clients and workers where the scheduler is."""
    file = tmp_path / "scheduler.json"
    start(
        "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", 0, "--no-dashboard", "--scheduler-file", file
    )
    return file


def worker(start, scheduler, folder):
    """Start a worker with one thread that nobody starts again when it dies."""
    plain = ["--nworkers", 1, "--nthreads", 1, "--no-nanny", "--no-dashboard"]
    return start("distributed.cli.dask_worker", "--scheduler-file", scheduler, *plain, "--local-directory", folder)


def rows_in(path):
    """Return how many rows a store that is being written has."""
    if not path.exists():
        return 0
    try:
        with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as store:
            return store.execute("SELECT count(*) FROM runs").fetchone()[0]
    except sqlite3.OperationalError:  # it is just being made
        return 0


def wait_until(fact, process, log):
    deadline = time.monotonic() + 300
    while not fact():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)


@pytest.mark.slow
def test_a_worker_that_is_killed_half_way_loses_nothing_and_doubles_nothing(start, scheduler, tmp_path):
    workers = [worker(start, scheduler, tmp_path / name) for name in ("one", "two")]
    path, whole = tmp_path / "cluster.sqlite", tmp_path / "whole.sqlite"
    sweep = start("experiments.sweep", *SWEEP, "--store", path, "--dask", scheduler, cwd=ROOT)
    wait_until(lambda: rows_in(path) >= 6, sweep, tmp_path / "3.log")
    assert [len(list((tmp_path / name).rglob("belarus-2022.toml"))) for name in ("one", "two")] == [1, 1]
    os.kill(workers[0].pid, signal.SIGKILL)
    assert rows_in(path) < 30  # half-way, and not at the end
    assert sweep.wait(timeout=300) == 0, (tmp_path / "3.log").read_text()
    alone = start("experiments.sweep", *SWEEP, "--store", whole, "--workers", 1, cwd=ROOT)
    assert alone.wait(timeout=300) == 0, (tmp_path / "4.log").read_text()
    table = open_results(path)
    assert len(table) == 30 and set(table["status"]) == {"done"}
    assert table.equals(open_results(whole))
    assert table["peak_crowd"].nunique() > 25  # they are runs of the model, not of nothing


@pytest.mark.slow
def test_a_scheduler_that_dies_is_one_line_and_what_is_done_is_kept(project, start, scheduler, tmp_path):
    worker(start, scheduler, tmp_path / "one")
    path, log = tmp_path / "cluster.sqlite", tmp_path / "2.log"
    sweep = start("experiments.deadly", path, scheduler, cwd=project)
    wait_until(lambda: rows_in(path) >= 8, sweep, log)
    os.kill(start.started[0].pid, signal.SIGKILL)
    assert sweep.wait(timeout=300) == 1
    assert (
        log.read_text() == "Error: the scheduler is gone: what is done is kept; the same command goes on from there\n"
    )
    assert rows_in(path) >= 8


@pytest.mark.slow
def test_a_run_that_kills_its_worker_twice_is_the_only_one_blamed(project, start, tmp_path):
    path = tmp_path / "cluster.sqlite"
    sweep = start("experiments.deadly", path, "local", cwd=project)
    assert sweep.wait(timeout=300) == 0, (tmp_path / "0.log").read_text()
    table = open_results(path).set_index("seed")
    assert len(table) == 120
    assert table.index[table["status"] == "crashed"].tolist() == [3]
    assert (table["double"].drop(3) == 2 * table.index.drop(3)).all()


@pytest.fixture
def web():
    """The address of a web server."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"tcp://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


ODD = [
    "tcp://127.0.0.1:9",
    "tls://127.0.0.1:9",
    "missing.json",
    "list.json",
    "half.json",
    "nonsense",
    "tcp://",
    "ucx://a:1",
]


@pytest.mark.slow
@pytest.mark.parametrize("address", [*ODD, "web", "silent"])
def test_without_a_scheduler_there_is_one_line_soon(monkeypatch, tmp_path, web, address, capfd):
    (tmp_path / "list.json").write_text("[1]")
    (tmp_path / "half.json").write_text("{")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(clusters, "CONNECT", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        others = {"web": web, "silent": f"tcp://127.0.0.1:{silent.getsockname()[1]}"}
        where = others.get(address, address)
        start = time.monotonic()
        with pytest.raises(click.ClickException) as refusal, clusters.cluster(where):
            pass
    assert time.monotonic() - start < 30.0  # soon, on a machine that does much else
    assert refusal.value.message.startswith(f"no Dask scheduler answers at {where} (")
    assert "\n" not in refusal.value.message
    gc.collect()
    assert "Traceback" not in capfd.readouterr().err  # from a destructor


@pytest.fixture
def certified(monkeypatch, tmp_path):
    """Name a new certificate in Dask's configuration, for all that is started after it; return the file."""
    key, certificate, file = tmp_path / "key.pem", tmp_path / "certificate.pem", tmp_path / "dask.yaml"
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
    subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    pair = {"cert": str(certificate), "key": str(key)}
    named = {"ca-file": str(certificate), "scheduler": pair, "worker": pair, "client": pair}
    file.write_text(json.dumps({"distributed": {"comm": {"require-encryption": True, "tls": named}}}))
    monkeypatch.setenv("DASK_CONFIG", str(file))
    return file


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_with_a_certificate_a_sweep_runs_over_tls_and_without_one_there_is_one_line(
    certified, start, tmp_path, monkeypatch
):
    file = tmp_path / "scheduler.json"
    options = ["--host", "127.0.0.1", "--protocol", "tls", "--port", 0, "--no-dashboard", "--scheduler-file", file]
    scheduler = start("distributed.cli.dask_scheduler", *options)
    wait_until(file.exists, scheduler, tmp_path / "0.log")
    address = json.loads(file.read_text())["address"]
    worker(start, file, tmp_path / "one")
    small = ["--vary", "citizen.threshold=1.8,2.4", "--seeds", "2", "--citizens", "500", "--days", "5"]
    sweep = start("experiments.sweep", *small, "--store", tmp_path / "tls.sqlite", "--dask", address, cwd=ROOT)
    assert sweep.wait(timeout=300) == 0, (tmp_path / "2.log").read_text()
    assert address.startswith("tls://") and rows_in(tmp_path / "tls.sqlite") == 4
    monkeypatch.delenv("DASK_CONFIG")
    refused = pytest.raises(click.ClickException, match=r"no Dask scheduler answers at tls://.*needs certificates")
    with refused, clusters.cluster(address):
        pass
