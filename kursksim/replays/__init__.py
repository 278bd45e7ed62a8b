"""One HTML file that replays a campaign: no network, no server, and the run itself in it.

``page`` gathers and writes; ``map``, ``course``, ``log`` and ``sidebar`` have the content;
``page.html``, ``page.css`` and ``page.js`` show it. The package is not called ``replay``, which
would hide the function of that name.
"""

from kursksim.replays.page import replay_page

__all__ = ["replay_page"]
