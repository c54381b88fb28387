"""An uploaded file as a table to look at, read as the component that reads tables would."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from studio.loader import load_component

_ROW = "__row__"


def read_dataset(file: str, folder: str, reader: str) -> None:
    """Write a file as a table into a new folder, whole or not at all.

    reader: the file of the component `read_table`. Raises its ComponentError, with the row.
    """
    target = Path(folder)
    if target.is_dir():  # asked for twice at once
        return
    temporary = target.with_name(f"{target.name}.part")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        _write(load_component(Path(reader))(path=file), temporary)
        temporary.rename(target)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _write(table: Any, folder: Path) -> None:
    import pyarrow.parquet as pq

    if _ROW in table.column_names:
        table = table.drop_columns([_ROW])
    pq.write_table(table, folder / "part-00000.parquet", compression="zstd")
    about = {"rows": table.num_rows, "roles": {}}
    (folder / "table.json").write_text(json.dumps(about))
