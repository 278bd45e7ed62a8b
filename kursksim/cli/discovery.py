"""Commands for a staff course: discover, what explains an outcome."""

from __future__ import annotations

from typing import Annotated, Any

from typer import Argument, Option

import kursksim as ks
from kursksim.cli.flags import Json, Text, Texts, whole
from kursksim.cli.folder import Folder
from kursksim.cli.output import emit, heading, note, say, table
from kursksim.errors import BadUse
from kursksim.io import csv_bytes
from kursksim.text import number

__all__ = ["discover"]


def discover(
    store: Annotated[
        str,
        Argument(
            metavar="STORE",
            help="Store of an ensemble, made with --parameters prior or posterior.",
        ),
    ],
    *,
    measure: Annotated[
        str, Option("--measure", metavar="ID", help="Outcome to explain.")
    ] = "order_day",
    below: Annotated[
        Text,
        Option(
            "--below", metavar="VALUE", help="Explain runs below this number, before this date."
        ),
    ] = None,
    above: Annotated[
        Text,
        Option("--above", metavar="VALUE", help="Explain runs above this number, after this date."),
    ] = None,
    parameter: Annotated[
        Texts,
        Option(
            "--parameter",
            metavar="ID",
            help="Look at this parameter; at all that vary if left out. May be repeated.",
        ),
    ] = None,
    density: Annotated[
        float | None,
        Option(
            "--density",
            metavar="SHARE",
            help="Share of the runs in a box that are to show it; halfway to 1 if left out.",
        ),
    ] = None,
    boxes: Annotated[
        int, Option("--boxes", parser=whole(1, 10), metavar="N", help="Boxes at most.")
    ] = 3,
    out: Annotated[
        Text, Option("-o", "--out", metavar="DIR", help="Folder of limits.csv and tradeoff.csv.")
    ] = None,
    json: Json = None,
) -> None:
    """Find ranges of parameters that explain an outcome, such as an order before a date, and say
    them in sentences.
    """
    folder = Folder.named(out, ".csv")
    made = ks.studies.discover(
        ks.load_ensemble(store),
        measure=measure,
        below=below,
        above=above,
        parameters=parameter,
        density=density,
        most=boxes,
    )
    limits = [made.table(box) for box in made.boxes]
    tradeoff = made.tradeoff()
    try:
        leaves = made.tree()
    except BadUse as missing:
        leaves = ()
        note(f"kursksim: {missing}")
    if folder:
        rows = [[n, *row] for n, frame in enumerate(limits, 1) for row in frame.values.tolist()]
        heads = ["box", *made.table(made.boxes[0]).columns] if limits else ["box"]
        folder.write("limits.csv", csv_bytes(heads, rows))
        folder.write("tradeoff.csv", csv_bytes(["step", *tradeoff.columns], tradeoff.itertuples()))
    content = {
        "scenario": made.ensemble.scenario.id,
        "case": made.case.said(made.ensemble),
        "runs": len(made.event),
        "parameters": len(made.ids),
        "boxes": [
            _told(made, box, limits=frame.to_dict("records"))
            for box, frame in zip(made.boxes, limits, strict=True)
        ],
        "leaves": [_told(made, leaf) for leaf in leaves],
        "tradeoff": tradeoff.to_dict("records"),
    }
    if emit(json, content):
        _print(made, limits, leaves)
        if folder:
            say("", f"Results in {folder.path}")


def _told(made: Any, box: Any, **more: Any) -> dict[str, Any]:
    out = made.kept_out(box)
    return {
        "sentence": made.sentence(box),
        "density": box.density,
        "coverage": box.coverage,
        "runs": box.runs,
        "density_kept_out": out.density,
        "coverage_kept_out": out.coverage,
        "runs_kept_out": out.runs,
        **more,
    }


def _print(made: Any, limits: Any, leaves: Any) -> None:
    """Print each box with its limits, then the leaves of the tree."""
    of = f"{len(made.event)} runs, {len(made.ids)} parameters that vary"
    heading(f"{made.case.said(made.ensemble)}: {of}")
    if not made.boxes:
        say("", "No box: no limit of a parameter matters by more than chance.")
    for n, (box, frame) in enumerate(zip(made.boxes, limits, strict=True), 1):
        say("", f"Box {n}. {made.sentence(box)}")
        rows = [
            (row["parameter"], *(_cell(row[k]) for k in frame.columns[1:7]), row["meaning"])
            for row in frame.to_dict("records")
        ]
        heads = (
            "parameter",
            "low",
            "high",
            "range low",
            "range high",
            "qp low",
            "qp high",
            "meaning",
        )
        table(heads, rows, right=range(1, 7), indent=2)
    if leaves:
        say("", "A tree of the same runs, from the leaf where it is most frequent:")
        say(*(f"  {made.sentence(leaf)}" for leaf in leaves))
    say(
        "",
        "Limits are values of runs. qp is a quasi-p-value: how likely as many would be without the"
        " limit. The search saw every other run; trust what holds in the rest.",
    )


def _cell(value: float) -> str:
    return "" if value != value else number(value)
