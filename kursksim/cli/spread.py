"""Where a command plays its runs: here, in a pool of processes, or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any

from kursksim.cli.output import note
from kursksim.errors import BadUse
from kursksim.progress import bar

__all__ = ["spread"]


@contextmanager
def spread(
    workers: int | None,
    dask: str | None = None,
    store: str | None = None,
    *,
    label: str = "Runs played",
) -> Iterator[dict[str, Any]]:
    """Open what the runs of a command are played on; after an interrupt, say what a store has kept.

    Parameters
    ----------
    workers : int or None
        Processes; one for each core if None. With one, everything is played in this process.
    dask : str, optional
        Address of a scheduler, such as ``tcp://host:8786``.
    store : str, optional
        Where finished runs are kept.
    label : str
        What the progress bar counts.

    Yields
    ------
    dict
        ``executor`` and ``progress``, as studies take them.

    Raises
    ------
    BadUse
        When Dask is not installed, or its scheduler does not answer.
    """
    try:
        with _executor(workers, dask) as pool, bar(label) as tick:
            yield {"executor": pool, "progress": tick}
    except KeyboardInterrupt:
        if store is not None:
            note(f"kursksim: what was finished is in {store}; the same command goes on from there")
        raise


@contextmanager
def _executor(workers: int | None, dask: str | None) -> Iterator[Executor | None]:
    """The executor that the flags ask for, closed at the end; None for this process."""
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
        # the with statement of a pool would wait for everything that is queued
        made.shutdown(wait=True, cancel_futures=True)


def _cluster(address: str) -> Any:
    """Return a client of a Dask scheduler."""
    try:
        from distributed import Client
    except ImportError:
        from kursksim.extras import advice

        raise BadUse(f"--dask needs dask: {advice('dask')}") from None
    try:
        return Client(address, timeout=10)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as error:
        raise BadUse(
            f"--dask {address[:200]!r}: no scheduler answers there: {error or 'time ran out'}"
        ) from None
