"""`python -m openkap.cli`, for places where the `openkap` program is not on the path."""

import sys

from openkap.cli import main

sys.exit(main())
