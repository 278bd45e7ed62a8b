"""The page of the evidence: the account of ``make evidence``, or a note that it was not played."""

from __future__ import annotations

import kursksim as ks

__all__ = ["page"]

_ALWAYS = """\
What speaks for the model, and what against it, stands in four places:

- [](../what_ifs.md): what every what-if did against what was expected of them, with the surprises.
- [](../sensitivity.md): which parameters matter, and where the decision tips.
- [](../calibration.md): how parameters are weighed by the record, and what came of it.
- `kursksim patterns december-march -n 20`: the record against the model, hit or miss, pattern by
  pattern; `kursksim verify --fast`: what must hold whatever the campaign, with its measured effect.

A hit is no proof: a pattern has a band, a median hides what single runs do, and one campaign cannot
pin down a hundred and fifty numbers. The [model card](../model-card.md) draws the conclusions.
"""


def page(there: bool) -> str:
    """The page.

    Parameters
    ----------
    there : bool
        Whether docs/evidence.md has been written.
    """
    if there:
        body = (
            "The whole account, played and written by `make evidence`:\n\n"
            "```{toctree}\n../evidence\n```\n"
        )
    else:
        body = (
            ":::{note}\nThe account of the fit (posterior, forecasts, known truths) has"
            " not been"
            " generated for this"
            f" version (results version {ks.results_version}). `make evidence` plays it, in some"
            " hours.\n:::\n"
        )
    return f"# The evidence\n\n{body}\n{_ALWAYS}"
