"""``python -m ogive`` is ``ogive``."""

import sys

from ogive.cli import main

sys.exit(main())
