"""Packages are kept by digest, pinned by digest, and checked against it."""

from __future__ import annotations

import pytest

from studio.catalog import CatalogReader
from studio.database.audit import Actor, list_audit
from studio.database.engine import Database
from studio.database.packages import get_approval, list_versions
from studio.database.pipelines import create_pipeline
from studio.database.runs import RunOrder
from studio.errors import ConflictError, PipelineError, StudioError
from studio.inspector import Inspector
from studio.packages.archive import ArchiveError, Files
from studio.packages.shelf import PackageShelf, check_approved, package_name
from studio.packages.trust import Trust
from studio.pipeline import load_pipeline
from studio.settings import Settings
from studio.submission import Submission, check_pipeline
from tests.conftest import PACKAGES, Json, pipeline


def double(factor: int = 2, name: str = "twice") -> Files:
    source = (
        "import pandas as pd\n"
        f"def {name}(table: pd.DataFrame, *, factor: int = {factor}) -> pd.DataFrame:\n"
        "    return table * factor\n"
    )
    return {f"{name}.py": source.encode()}


def add(shelf: PackageShelf, files: Files, name: str = "maths", **more: object) -> object:
    return shelf.add(files, name, {}, actor=Actor("ann"), **more)  # type: ignore[arg-type]


def test_each_upload_is_a_version_and_equal_content_is_the_same_one(
    shelf: PackageShelf, database: Database
) -> None:
    made = [shelf.add(double(factor), "maths", {}, actor=Actor("ann")) for factor in (2, 3, 2)]
    assert [(record.version, is_new) for record, is_new in made] == [
        (1, True),
        (2, True),
        (1, False),
    ]
    with database.read() as connection:
        assert [record.version for record in list_versions(connection, "maths")] == [2, 1]
        actions = [(item.action, item.actor) for item in list_audit(connection, "package:maths")]
    assert actions == [("upload", "ann")] * 2


def test_files_come_back_as_they_were_and_a_change_on_disk_is_seen(shelf: PackageShelf) -> None:
    files = double() | {"data/words.csv": b"a,b\n", "README.md": b"# x"}
    record, _ = shelf.add(files, "maths", {}, actor=Actor("ann"))
    assert shelf.files(record) == files
    folder = shelf.folder(record)
    (folder / "more.py").write_text("x = 1")
    with pytest.raises(ArchiveError, match="not those") as caught:
        shelf.files(record)
    assert caught.value.code == "archive.tampered"
    shelf.add(files, "maths", {}, actor=Actor("ann"))  # the same upload puts it right
    assert shelf.files(record) == files


def test_a_link_in_place_of_a_file_is_a_change(shelf: PackageShelf) -> None:
    record, _ = shelf.add(double(), "maths", {}, actor=Actor("ann"))
    file = shelf.folder(record) / "twice.py"
    copy = file.with_name("copy")
    file.rename(copy)
    file.symlink_to(copy)
    with pytest.raises(ArchiveError):
        shelf.files(record)


def test_a_package_without_a_component_is_refused_with_every_problem(shelf: PackageShelf) -> None:
    with pytest.raises(PipelineError) as caught:
        add(shelf, {"a.py": b"def a(:", "b.py": b"def b(x) -> int: ..."})
    told = [(problem.field, problem.line) for problem in caught.value.problems()]
    assert told == [("a.py", 1), ("b.py", 1)]
    with pytest.raises(StudioError) as refused:
        add(shelf, {"a.py": b"x = 1"})
    assert refused.value.code == "package.no_component"


def test_a_broken_file_beside_a_good_one_changes_nothing_else(shelf: PackageShelf) -> None:
    record, _ = shelf.add(double() | {"bad.py": b"def bad(:"}, "maths", {}, actor=Actor("ann"))
    assert [spec.name for spec in record.components] == ["twice"]
    assert [(entry.file, entry.line) for entry in record.broken] == [("bad.py", 1)]


def test_a_name_of_another_component_is_refused(shelf: PackageShelf) -> None:
    with pytest.raises(ConflictError, match="built-in") as caught:
        shelf.add(double(), "maths", {"twice": "it is built-in"}, actor=Actor("ann"))
    assert caught.value.code == "component.name_taken"


def test_a_change_that_was_made_to_an_older_version_is_refused(shelf: PackageShelf) -> None:
    for factor in (2, 3):
        add(shelf, double(factor))
    with pytest.raises(ConflictError) as caught:
        add(shelf, double(4), based_on=1)
    assert caught.value.code == "package.stale"


@pytest.mark.parametrize(
    ("text", "name"), [("My-Package", "my_package"), ("a b.c", "a_b_c"), ("x1", "x1")]
)
def test_a_name_is_written_as_python_writes_names(text: str, name: str) -> None:
    assert package_name(text) == name


@pytest.mark.parametrize("text", ["", "1a", "../a", "é", "a/b", "a" * 65, "a\n"])
def test_what_cannot_be_a_name_is_refused(text: str) -> None:
    with pytest.raises(StudioError):
        package_name(text.replace("\n", "\n!"))


class TestPinning:
    @pytest.fixture
    def catalog(self, shelf: PackageShelf, database: Database) -> CatalogReader:
        return CatalogReader([PACKAGES], database, Inspector().read_components, shelf)

    def document(self, **node: object) -> Json:
        return pipeline(
            {
                "a": {"component": "rows", "parameters": {"path": "x"}},
                "b": {"component": "twice", **node},
            },
            ["a.frame > b.table"],
        )

    def test_a_node_keeps_the_version_that_it_pins(
        self, shelf: PackageShelf, catalog: CatalogReader
    ) -> None:
        old, _ = shelf.add(double(2), "maths", {}, actor=Actor("ann"))
        new, _ = shelf.add(double(3), "maths", {}, actor=Actor("ann"))
        specs = catalog.load().specs
        assert specs["twice"].digest == new.digest
        assert specs.pinned["twice", old.digest].file.endswith(f"{old.digest}/maths/twice.py")
        pinned = load_pipeline(self.document(digest=old.digest))
        assert check_pipeline(catalog.load(), pinned) == ()
        unknown = load_pipeline(self.document(digest="0" * 64))
        (problem,) = check_pipeline(catalog.load(), unknown)
        assert problem.code == "component.digest"

    def test_code_runs_only_when_its_digest_was_approved_and_not_after_it_was_revoked(
        self,
        shelf: PackageShelf,
        catalog: CatalogReader,
        database: Database,
        settings: Settings,
    ) -> None:
        record, _ = shelf.add(double(2), "maths", {}, actor=Actor("ann"))
        with database.begin() as connection:
            stored = create_pipeline(connection, load_pipeline(self.document()))

        def submit() -> str:
            return Submission(database, settings, catalog.load()).submit(stored, RunOrder()).id

        with pytest.raises(PipelineError) as caught:
            submit()
        (problem,) = caught.value.problems()
        assert (problem.code, problem.node) == ("package.not_approved", "b")
        assert record.digest[:12] in problem.message
        Trust(database, False).decide_package(record, True, Actor("ann"))
        assert submit()
        newer, _ = shelf.add(double(5), "maths", {}, actor=Actor("ann"))
        with pytest.raises(PipelineError):
            submit()  # an approval is of a digest
        Trust(database, False).decide_package(newer, False, Actor("bob"))
        with pytest.raises(PipelineError, match="revoked by bob"):
            submit()
        with database.read() as connection:
            assert get_approval(connection, newer.digest).state == "revoked"
            log = list_audit(connection, "package:maths")
        assert [item.action for item in log] == ["revoke", "upload", "approve", "upload"]

    def test_built_in_components_need_no_approval(
        self, catalog: CatalogReader, database: Database
    ) -> None:
        assert check_approved(database, catalog.load().specs["rows"]) is None
