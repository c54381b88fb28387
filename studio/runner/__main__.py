"""`python -m studio.runner`."""

import sys

from studio.runner.process import main

sys.exit(main())
