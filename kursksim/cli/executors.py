"""Where a command plays its runs: here, in a pool of processes, or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from kursksim.errors import BadUse
from kursksim.extras import advice

__all__ = ["executor"]


@contextmanager
def executor(workers: int | None, dask: str | None) -> Iterator[Executor | None]:
    """The executor that the flags ask for, closed at the end.

    Parameters
    ----------
    workers : int or None
        Processes; one for each core if None. With one, everything is played in this process.
    dask : str or None
        Address of a scheduler, such as ``tcp://host:8786``.

    Raises
    ------
    BadUse
        When Dask is not installed, or its scheduler does not answer.
    """
    from kursksim.ensembles.workers import cores, pool

    if dask is not None:
        with _cluster(dask) as client:
            yield client.get_executor()
        return
    count = cores() if workers is None else workers
    if count == 1:
        yield None
        return
    made = pool(count)
    try:
        yield made
    finally:
        made.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _cluster(address: str) -> Iterator[Any]:
    try:
        from distributed import Client
    except ImportError:
        raise BadUse(f"--dask needs dask: {advice('dask')}") from None
    try:
        client = Client(address, timeout=10)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        raise BadUse(
            f"--dask {address[:200]!r}: no scheduler answers there: {error or 'time ran out'}"
        ) from None
    with client:
        yield client
