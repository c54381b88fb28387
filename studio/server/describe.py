"""Print the OpenAPI document, from which the interface's types are made: `make types`."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from studio.server.app import create_app
from studio.settings import Settings


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        document = create_app(Settings(home=Path(folder) / "home")).openapi()
    print(json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True))


if __name__ == "__main__":
    main()
