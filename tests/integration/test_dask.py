"""A real Dask cluster on loopback: a scheduler and two worker processes, one of which is killed in the middle."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kursksim.ensembles import ensemble, executors
from kursksim.errors import BadUse, KursksimError

pytest.importorskip("distributed", reason="dask is not installed")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

UNTIL = "2025-01-16"


def rows(path: Path) -> dict[str, list[Any]]:
    db = sqlite3.connect(path)
    try:
        return {
            t: sorted(db.execute(f"SELECT * FROM {t}"), key=repr)
            for t in ("replication", "daily", "control")
        }
    finally:
        db.close()


def test_a_cluster_without_workers_and_its_client_are_told_what_is_wanting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from distributed import Client, LocalCluster

    monkeypatch.setattr(executors, "LOOK_S", 0.1)
    monkeypatch.setattr(executors, "NO_WORKERS_S", 0.3)
    with (
        LocalCluster(n_workers=0, processes=False, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        for given, wanted in (
            (client, r"client\.get_executor\(\)"),
            (cluster, r"Client\(cluster\)\.get_executor\(\)"),
        ):
            with pytest.raises(BadUse, match=wanted):
                ensemble("two-roads", replications=1, until=UNTIL, executor=given)
        with pytest.raises(KursksimError, match="start one with `dask worker inproc://"):
            ensemble("two-roads", replications=1, until=UNTIL, executor=client.get_executor())
        ended = client.get_executor()
    with pytest.raises(BadUse, match="its Dask client was closed"):
        ensemble("two-roads", replications=1, until=UNTIL, executor=ended)


class Cluster:
    """Scheduler and workers as processes of their own."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "scheduler.json"
        self.folder = folder
        self.scheduler = self._start(
            "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"
        )
        self._until(self.file.exists)
        self.address = self._until(self._read)
        self.workers = [
            self._start(
                "distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny",
                "--local-directory", str(folder), "--host", "127.0.0.1",
            )
            for _ in range(2)
        ]  # fmt: skip

    def _start(self, module: str, *flags: str) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            module,
            "--no-dashboard",
            "--scheduler-file",
            str(self.file),
            *flags,
        ]
        log = (self.folder / f"{module}-{time.monotonic_ns()}.log").open("wb")
        with log:
            return subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder)

    def _read(self) -> str:
        try:
            return str(json.loads(self.file.read_text())["address"])
        except ValueError:
            return ""

    def _until(self, ready: Any) -> Any:
        for _ in range(600):
            if found := ready():
                return found
            time.sleep(0.1)
        raise TimeoutError("no scheduler within a minute")

    def stop(self) -> None:
        for process in (*self.workers, self.scheduler):
            if process.poll() is None:
                process.kill()
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster(tmp_path)
    try:
        yield made
    finally:
        made.stop()


def test_a_killed_worker_costs_nothing_but_time(cluster: Cluster, tmp_path: Path) -> None:
    from distributed import Client

    ensemble("two-roads", replications=24, seed=3, until=UNTIL, store=tmp_path / "here.sqlite")

    def kill(done: int, total: int) -> None:
        if done == 4:
            cluster.workers[0].send_signal(signal.SIGKILL)

    with Client(cluster.address, timeout=60) as client:
        client.wait_for_workers(2, timeout=60)
        store = tmp_path / "there.sqlite"
        made = ensemble(
            "two-roads",
            replications=24,
            seed=3,
            until=UNTIL,
            store=store,
            executor=client.get_executor(),
            progress=kill,
        )
        assert len(client.scheduler_info()["workers"]) == 1
    assert (made.replications, made.failures) == (24, {})
    assert rows(tmp_path / "there.sqlite") == rows(tmp_path / "here.sqlite")


def test_the_command_line_plays_on_a_cluster(cluster: Cluster, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "kursksim",
        "ensemble",
        "two-roads",
        "-n",
        "6",
        "--seed",
        "3",
        "--until",
        UNTIL,
    ]
    ended = subprocess.run(
        [*command, "--dask", cluster.address, "--store", "runs.sqlite", "--out", "out"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, "")
    ensemble("two-roads", replications=6, seed=3, until=UNTIL, store=tmp_path / "here.sqlite")
    assert rows(tmp_path / "runs.sqlite") == rows(tmp_path / "here.sqlite")


def test_no_scheduler_is_one_line(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "kursksim",
        "ensemble",
        "two-roads",
        "--dask",
        "tcp://127.0.0.1:9",
        "--out",
        "o",
    ]
    ended = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "no scheduler answers there" in ended.stderr
