"""Everything of README and docs that takes minutes at most to measure: `make bench`.

`benchmarks.order`, `.porto` and `.deepctr` train models for longer, and are run by their names.
"""

from __future__ import annotations

from benchmarks import packages, plans, sandbox, start
from benchmarks.figures import show, show_load


def main() -> None:
    for module in (start, plans, sandbox, packages):
        title = (module.__doc__ or "").splitlines()[0]
        show(f"benchmarks.{module.__name__.rpartition('.')[2]}: {title}", module.measure())
    show_load()


if __name__ == "__main__":
    main()
