"""``python -m kursksim`` is the command ``kursksim``."""

import sys

from kursksim.cli import main

if __name__ == "__main__":
    sys.exit(main())
