"""What README shows works as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

from studio.inspector import Inspector
from studio.spec import ComponentSpec

README = (Path(__file__).parents[1] / "README.md").read_text()


def test_the_component_of_readme_is_a_component(tmp_path: Path) -> None:
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert code is not None
    assert len(code[1].strip().splitlines()) <= 13  # twelve lines, and one that is empty
    file = tmp_path / "tables" / "sample_rows.py"
    file.parent.mkdir()
    file.write_text(code[1])
    (spec,) = Inspector().read_components([file])
    assert isinstance(spec, ComponentSpec), spec
    assert [port.name for port in (*spec.inputs, *spec.outputs)] == ["table", "table"]
    assert list(spec.parameters["properties"]) == ["rows"]
