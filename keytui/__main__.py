"""``python -m keytui`` is the ``keytui`` command."""

import sys

from keytui.cli import main

sys.exit(main())
