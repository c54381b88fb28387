"""Drafts and versions: nothing is overwritten unseen, nothing stored is lost."""

from __future__ import annotations

import threading

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from studio.database import engine
from studio.database.drafts import StaleDraftError, get_draft, put_draft
from studio.database.engine import Database, migrate
from studio.database.pipelines import (
    create_pipeline,
    delete_pipeline,
    get_pipeline,
    list_pipelines,
    list_versions,
    save_pipeline,
    store_draft,
    store_pipeline,
)
from studio.database.runs import RunOrder, create_run, get_run
from studio.errors import NotFoundError
from studio.pipeline import Pipeline, load_pipeline


def named(name: str) -> Pipeline:
    return load_pipeline({"name": name})


def add(db: Database, name: str = "first") -> str:
    with db.begin() as connection:
        return create_pipeline(connection, named(name)).id


def test_a_new_pipeline_has_a_draft_equal_to_its_version(db: Database) -> None:
    id = add(db)
    with db.read() as connection:
        draft = get_draft(connection, id)
    assert (draft.document, draft.revision, draft.base_version) == ({"name": "first"}, 1, 1)


def test_a_change_makes_the_next_revision_and_an_equal_document_does_not(db: Database) -> None:
    id = add(db)
    for name, revision in (("first", 1), ("second", 2), ("second", 2)):
        with db.begin() as connection:
            now = get_draft(connection, id).revision
            assert put_draft(connection, id, named(name), now).revision == revision


def test_a_change_to_an_older_revision_is_refused_with_the_draft_that_is_here(
    db: Database,
) -> None:
    id = add(db)
    with db.begin() as connection:
        put_draft(connection, id, named("theirs"), 1)
    with pytest.raises(StaleDraftError) as refused, db.begin() as connection:
        put_draft(connection, id, named("mine"), 1)
    assert (refused.value.current.document, refused.value.current.revision) == (
        {"name": "theirs"},
        2,
    )


def test_of_many_who_change_one_revision_one_succeeds(db: Database) -> None:
    id = add(db)
    done: list[str] = []

    def change(name: str) -> None:
        try:
            with db.begin() as connection:
                put_draft(connection, id, named(name), 1)
            done.append(name)
        except StaleDraftError:
            pass

    threads = [threading.Thread(target=change, args=(f"p{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.read() as connection:
        draft = get_draft(connection, id)
    assert [draft.document["name"]] == done
    assert draft.revision == 2


def test_a_draft_is_stored_once_as_a_version(db: Database) -> None:
    id = add(db)
    with db.begin() as connection:
        put_draft(connection, id, named("second"), 1)
        first, is_new = store_draft(connection, id, 2, "because", "Ada")
        again, is_new_again = store_draft(connection, id, 2)
    assert (first.version, is_new, again.version, is_new_again) == (2, True, 2, False)
    with db.read() as connection:
        assert get_draft(connection, id).base_version == 2
        newest, oldest = list_versions(connection, id)
    assert (newest.version, newest.note, newest.author) == (2, "because", "Ada")
    assert oldest.version == 1


@pytest.mark.parametrize(("drawn", "expected"), [(None, "saved"), ("drawn", "drawn")])
def test_a_draft_follows_a_version_stored_beside_it_unless_it_has_changes_of_its_own(
    db: Database, drawn: str | None, expected: str
) -> None:
    id = add(db)
    with db.begin() as connection:
        if drawn:
            put_draft(connection, id, named(drawn), 1)
        save_pipeline(connection, id, named("saved"), based_on=1)
        assert get_draft(connection, id).document == {"name": expected}


def test_the_list_shows_the_name_that_is_drawn(db: Database) -> None:
    id = add(db)
    with db.begin() as connection:
        put_draft(connection, id, named("renamed"), 1)
        assert [item.name for item in list_pipelines(connection)] == ["renamed"]


def test_versions_are_listed_page_by_page_the_newest_first(db: Database) -> None:
    id = add(db)
    with db.begin() as connection:
        for version in range(1, 6):
            save_pipeline(connection, id, named(f"v{version}"), based_on=version)
        first = list_versions(connection, id, limit=4)
        rest = list_versions(connection, id, before=first[-1].version, limit=4)
    assert [item.version for item in (*first, *rest)] == [6, 5, 4, 3, 2, 1]


def test_a_pipeline_put_away_is_gone_but_its_runs_keep_their_version(db: Database) -> None:
    id = add(db)
    with db.begin() as connection:
        run = create_run(connection, id, 1, RunOrder(), [])
        delete_pipeline(connection, id)
    with db.begin() as connection:
        for get in (get_pipeline, get_draft, delete_pipeline):
            with pytest.raises(NotFoundError):
                get(connection, id)
        assert list_pipelines(connection) == []
        version = get_run(connection, run.id).pipeline_version
        assert get_pipeline(connection, id, version, deleted=True).document == {"name": "first"}
        assert store_pipeline(connection, named("first")).id != id


def test_pipelines_of_an_older_studio_get_their_newest_version_as_their_draft(
    empty_db: Database,
) -> None:
    config = Config()
    config.set_main_option("script_location", str(engine._MIGRATIONS))
    with empty_db.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text("INSERT INTO pipelines VALUES ('a', 'p', 2, 1.0, 2.0)"))
        for version in (1, 2):
            connection.execute(
                text(
                    "INSERT INTO pipeline_versions VALUES "
                    f"('a', {version}, '{{\"name\": \"v{version}\"}}', 'digest', '', '', 1.0)"
                )
            )
    migrate(empty_db)
    with empty_db.read() as connection:
        draft = get_draft(connection, "a")
        assert [item.id for item in list_pipelines(connection)] == ["a"]
    assert (draft.document, draft.revision, draft.base_version) == ({"name": "v2"}, 1, 2)
