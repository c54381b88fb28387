"""The tests here import components by name, as those that `studio new component` writes do."""

import sys
from pathlib import Path

sys.path[:0] = [str(folder) for folder in Path(__file__).parent.iterdir() if folder.is_dir()]
