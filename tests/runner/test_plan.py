"""What a plan says of each node, and that the run then does it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete

from studio.database.tables import results
from studio.errors import ConflictError, PipelineError
from studio.planning import Plan
from tests.conftest import Json, Studio, pipeline
from tests.inline import Workshop


def number(value: float = 1.0, **more: Any) -> Json:
    return {"component": "number", "parameters": {"value": value}, **more}


def total(factor: float = 1.0, **more: Any) -> Json:
    return {"component": "total", "parameters": {"factor": factor}, **more}


def document(**changed: Json) -> Json:
    """a and b are added up; `twice` doubles the sum, `end` reads that."""
    nodes = {
        "a": number(1.0),
        "b": number(2.0),
        "sum": total(),
        "twice": total(2.0),
        "end": total(),
    }
    edges = ["a.report > sum.reports", "b.report > sum.reports"]
    edges += ["sum.report > twice.reports", "twice.report > end.reports"]
    return pipeline({**nodes, **changed}, edges)


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("workshop"))


@pytest.fixture
def studio(workshop: Workshop) -> Studio:
    return workshop.make()


def decisions(plan: Plan) -> dict[str, str]:
    return {item.node: item.decision for item in plan.nodes}


def reasons(plan: Plan) -> dict[str, str]:
    return {item.node: item.reason.message for item in plan.nodes}


def states(studio: Studio, document: Json, **how: Any) -> dict[str, str]:
    return {node: step.state for node, step in studio.execute(document, **how).items()}


def test_before_anything_ran_all_is_executed(studio: Studio) -> None:
    plan = studio.plan(document())
    assert set(decisions(plan).values()) == {"execute"}
    assert set(reasons(plan).values()) == {"never run"}
    assert plan.seconds is None
    assert plan.problems == ()
    keys = {item.node: item.key for item in plan.nodes}
    assert keys["a"] is not None
    assert keys["sum"] is None


def test_after_a_run_all_is_reused_and_the_plan_names_keys_and_outputs(studio: Studio) -> None:
    steps = studio.execute(document())
    plan = studio.plan(document())
    assert set(decisions(plan).values()) == {"reuse"}
    assert plan.seconds == 0.0
    for item in plan.nodes:
        assert item.key == steps[item.node].key
        assert item.outputs == steps[item.node].outputs


def test_the_time_of_a_plan_is_the_median_of_what_its_nodes_took(studio: Studio) -> None:
    studio.execute(document())
    plan = studio.plan(document(), fresh=True)
    seconds = [item.seconds for item in plan.nodes]
    assert all(value is not None and 0 <= value < 5 for value in seconds)
    assert plan.seconds == pytest.approx(sum(seconds[1:]), abs=1.0)  # type: ignore[arg-type]


def test_a_component_s_time_serves_for_a_node_that_is_new(studio: Studio) -> None:
    studio.execute(document())
    fresh = pipeline({"new": number(77.0)}, [], name="another")
    (item,) = studio.plan(fresh).nodes
    assert item.reason.code == "never_run"
    assert item.seconds is not None


CHANGES: list[tuple[dict[str, Json], str, str]] = [
    ({"a": number(5.0)}, "a", "`value` 1.0 → 5.0"),
    ({"sum": total(3.0)}, "sum", "`factor` 1.0 → 3.0"),
    ({"a": {"component": "misbehave"}}, "a", "the component is never reused"),
    ({"b": {"component": "curves"}}, "b", "component `number` → `curves`"),
    ({"a": number(1.0, cache="never")}, "a", "cache is off"),
]


@pytest.mark.parametrize(("changed", "node", "words"), CHANGES)
def test_the_first_change_is_told_in_words(
    studio: Studio, changed: dict[str, Json], node: str, words: str
) -> None:
    studio.execute(document())
    plan = studio.plan(document(**changed))
    assert reasons(plan)[node] == words
    below = {"a": "sum", "b": "sum", "sum": "twice"}[node]
    assert reasons(plan)[below].endswith(f"may change because `{node}` runs")


def test_of_several_changes_the_node_s_own_is_told(studio: Studio) -> None:
    studio.execute(document())
    plan = studio.plan(document(a=number(3.0), twice=total(4.0)))
    told = reasons(plan)
    assert told["twice"] == "`factor` 2.0 → 4.0"
    assert told["end"] == "input `reports` may change because `twice` runs"


def test_a_label_is_what_the_reason_names(studio: Studio) -> None:
    studio.execute(document())
    plan = studio.plan(document(sum=total(3.0, name="Sum up")))
    assert reasons(plan)["twice"] == "input `reports` may change because `Sum up` runs"


def test_a_result_that_was_removed_is_made_again(studio: Studio) -> None:
    steps = studio.execute(document())
    with studio.database.begin() as connection:
        connection.execute(delete(results).where(results.c.key == steps["sum"].key))
    assert reasons(studio.plan(document()))["sum"] == "result was removed"
    assert states(studio, document())["sum"] == "succeeded"


def test_a_touched_component_runs_again_and_equal_outputs_stop_the_wave(
    workshop: Workshop, studio: Studio
) -> None:
    studio.execute(document())
    with workshop.touched(studio, "total"):
        plan, steps = studio.plan(document()), studio.execute(document())
    assert decisions(plan) == {
        "a": "reuse",
        "b": "reuse",
        "sum": "execute",
        "twice": "execute",
        "end": "execute",
    }
    assert set(list(reasons(plan).values())[2:]) == {"component changed"}
    assert {node: step.state for node, step in steps.items()} == {
        "a": "reused",
        "b": "reused",
        "sum": "succeeded",
        "twice": "succeeded",
        "end": "succeeded",
    }


def test_what_a_touched_component_does_not_change_is_reused_below_it(
    workshop: Workshop, studio: Studio
) -> None:
    studio.execute(document())
    with workshop.touched(studio, "number"):
        plan, steps = studio.plan(document()), studio.execute(document())
    assert reasons(plan)["a"] == "component changed"
    assert decisions(plan)["sum"] == "execute"
    assert [steps[node].state for node in ("a", "b")] == ["succeeded", "succeeded"]
    for node in ("sum", "twice", "end"):
        assert steps[node].state == "reused"
        assert steps[node].reason_code == "equal_outputs"
        assert steps[node].reason_arguments["node"] == "a"
    assert steps["sum"].reason == "`a` ran and its outputs are equal: the earlier result is used"


class TestFresh:
    def test_executes_what_could_be_reused(self, studio: Studio) -> None:
        studio.execute(document())
        plan = studio.plan(document(), fresh=True)
        assert set(reasons(plan).values()) == {"a fresh run was asked for"}
        assert set(states(studio, document(), fresh=True).values()) == {"succeeded"}

    def test_executes_only_what_the_mode_chooses(self, studio: Studio) -> None:
        studio.execute(document())
        how: Json = {"mode": "EXECUTE_FROM_HERE", "targets": ("twice",), "fresh": True}
        assert states(studio, document(), **how) == {
            "sum": "reused",
            "twice": "succeeded",
            "end": "succeeded",
        }


class TestFrozen:
    def test_the_last_result_is_kept_whatever_changed_and_it_says_so(self, studio: Studio) -> None:
        first = studio.execute(document())
        changed = document(a=number(9.0), sum=total(7.0, cache="freeze"))
        plan = studio.plan(changed)
        assert decisions(plan)["sum"] == "reuse"
        assert reasons(plan)["sum"] == "frozen: kept though `factor` 1.0 → 7.0"
        steps = studio.execute(changed)
        assert steps["sum"].state == "reused"
        assert steps["sum"].reason == "frozen: kept though `factor` 1.0 → 7.0"
        assert steps["sum"].outputs == first["sum"].outputs
        assert steps["sum"].key == first["sum"].key
        assert steps["twice"].state == "reused"

    def test_a_changed_input_is_told_too(self, studio: Studio) -> None:
        studio.execute(document())
        changed = document(a=number(9.0), sum=total(cache="freeze"))
        words = "frozen: kept though input `reports` may change because `a` runs"
        assert reasons(studio.plan(changed))["sum"] == words
        assert studio.execute(changed)["sum"].reason == (
            "frozen: kept though input `reports` changed"
        )

    def test_without_a_last_result_it_runs(self, studio: Studio) -> None:
        frozen = document(sum=total(cache="freeze"))
        assert reasons(studio.plan(frozen))["sum"] == "never run"
        assert states(studio, frozen)["sum"] == "succeeded"

    def test_it_outlasts_a_fresh_run_and_a_file_that_is_gone(
        self, studio: Studio, tmp_path: Path
    ) -> None:
        file = tmp_path / "rows.txt"
        file.write_text("1\n")
        node = {"component": "rows", "parameters": {"path": str(file)}, "cache": "freeze"}
        frozen = pipeline({"read": node}, [])
        assert states(studio, frozen) == {"read": "succeeded"}
        file.unlink()
        (item,) = studio.plan(frozen, fresh=True).nodes
        assert item.decision == "reuse"
        assert item.reason.message.startswith("frozen: kept though it cannot run: There is no file")
        assert states(studio, frozen, fresh=True) == {"read": "reused"}


class TestFiles:
    def document(self, file: Path) -> Json:
        return pipeline({"read": {"component": "rows", "parameters": {"path": str(file)}}}, [])

    def test_a_file_counts_by_its_content_and_not_by_its_name(
        self, studio: Studio, tmp_path: Path
    ) -> None:
        file, other = tmp_path / "rows.txt", tmp_path / "other.txt"
        file.write_text("1\n")
        other.write_text("1\n")
        studio.execute(self.document(file))
        assert decisions(studio.plan(self.document(other))) == {"read": "reuse"}
        file.write_text("1\n2\n")
        assert reasons(studio.plan(self.document(file))) == {
            "read": "the content behind `path` changed"
        }

    def test_a_file_that_is_not_there_is_a_problem_at_its_node_and_field(
        self, studio: Studio, tmp_path: Path
    ) -> None:
        plan = studio.plan(self.document(tmp_path / "none"))
        (problem,) = plan.problems
        assert (problem.code, problem.node, problem.field) == ("path.missing", "read", "path")
        assert plan.nodes[0].reason.code == "cannot_run"
        assert states(studio, self.document(tmp_path / "none")) == {"read": "failed"}


class TestPartial:
    def test_what_is_missing_above_is_named_with_the_way_out(self, studio: Studio) -> None:
        how: Json = {"mode": "EXECUTE_ONE", "targets": ("sum",)}
        plan = studio.plan(document(), **how)
        assert [problem.code for problem in plan.problems] == ["plan.upstream_missing"] * 2
        assert decisions(plan) == {
            "a": "skip",
            "b": "skip",
            "sum": "execute",
            "twice": "skip",
            "end": "skip",
        }
        with pytest.raises(ConflictError) as caught:
            studio.submit(document(), **how)
        assert caught.value.status == 409
        assert [problem.node for problem in caught.value.problems()] == ["a", "b"]
        problem = caught.value.problems()[0]
        expected = {"mode": "EXECUTE_TO_HERE", "targets": ["sum"]}
        assert expected.items() <= dict(problem.arguments or {}).items()
        assert states(studio, document(), mode="EXECUTE_TO_HERE", targets=("sum",)) == {
            "a": "succeeded",
            "b": "succeeded",
            "sum": "succeeded",
        }

    def test_only_what_borders_on_the_chosen_is_needed(self, studio: Studio) -> None:
        studio.execute(document(), mode="EXECUTE_TO_HERE", targets=("sum",))
        with studio.database.begin() as connection:
            keys = [studio.plan(document()).nodes[index].key for index in (0, 1)]
            connection.execute(delete(results).where(results.c.key.in_(keys)))
        steps = studio.execute(document(), mode="EXECUTE_ONE", targets=("twice",))
        assert {node: step.state for node, step in steps.items()} == {
            "sum": "reused",
            "twice": "succeeded",
        }
        assert steps["sum"].reason == "not part of this run: its result is used"

    def test_results_are_taken_as_they_are_and_it_says_so(self, studio: Studio) -> None:
        first = studio.execute(document())
        changed = document(sum=total(8.0), twice=total(3.0))
        plan = studio.plan(changed, mode="EXECUTE_CHILDREN", targets=("sum",))
        told = "not part of this run: its last result is used though `factor` 1.0 → 8.0"
        assert reasons(plan)["sum"] == told
        steps = studio.execute(changed, mode="EXECUTE_CHILDREN", targets=("sum",))
        assert (steps["sum"].state, steps["sum"].reason) == ("reused", told)
        assert steps["sum"].outputs == first["sum"].outputs
        assert steps["twice"].outputs["report"]["summary"] == {"value": 9.0}

    def test_a_result_that_was_taken_as_it_was_is_no_result_of_the_new_key(
        self, studio: Studio
    ) -> None:
        studio.execute(document())
        changed = document(sum=total(8.0), twice=total(3.0))
        studio.execute(changed, mode="EXECUTE_CHILDREN", targets=("sum",))
        steps = studio.execute(changed)
        assert steps["sum"].state == "succeeded"
        assert steps["twice"].outputs["report"]["summary"] == {"value": 72.0}

    def test_problems_elsewhere_in_the_pipeline_do_not_matter(self, studio: Studio) -> None:
        broken = document(other={"component": "unknown"})
        with pytest.raises(PipelineError):
            studio.submit(broken)
        here = states(studio, broken, mode="EXECUTE_TO_HERE", targets=("a",))
        assert here == {"a": "succeeded"}

    def test_nothing_below_is_nothing_to_run(self, studio: Studio) -> None:
        with pytest.raises(PipelineError, match="no node to run"):
            studio.submit(document(), mode="EXECUTE_CHILDREN", targets=("end",))


def test_disabled_nodes_and_those_below_are_skipped(studio: Studio) -> None:
    off = document(sum=total(disabled=True, name="Sum up"))
    plan = studio.plan(off)
    assert reasons(plan) == {
        "a": "never run",
        "b": "never run",
        "sum": "disabled",
        "twice": "`Sum up` above it is disabled",
        "end": "`Sum up` above it is disabled",
    }
    assert states(studio, off) == {"a": "succeeded", "b": "succeeded"}


class TestResume:
    def fail(self, studio: Studio, **more: Json) -> str:
        """A run whose node `bad` fails; gives its id."""
        broken = self.document("refuse", **more)
        run = studio.finish(studio.submit(broken))
        assert run.state == "failed"
        return run.id

    def document(self, way: str, **more: Json) -> Json:
        bad = {"component": "misbehave", "parameters": {"way": way}}
        made = document(**more)
        made["nodes"].append({"id": "bad", **bad})
        made["edges"].append(
            {
                "source": {"node": "a", "port": "report"},
                "target": {"node": "bad", "port": "report"},
            }
        )
        return made

    def test_what_succeeded_is_kept_and_what_failed_is_tried_again(self, studio: Studio) -> None:
        failed = self.fail(studio)
        resumed = studio.submission.resume(failed)
        assert resumed.resumed_from == failed
        studio.finish(resumed)
        steps = studio.steps(resumed.id)
        assert steps["bad"].state == "failed"
        assert {steps[node].reason for node in ("a", "sum", "end")} == {
            "it succeeded in the run that is resumed"
        }

    def test_what_is_always_run_is_kept_too_and_so_is_a_fresh_run(self, studio: Studio) -> None:
        never = number(1.0, cache="never")
        run = studio.finish(studio.submit(self.document("refuse", b=never), fresh=True))
        resumed = studio.finish(studio.submission.resume(run.id))
        assert resumed.fresh
        steps = studio.steps(resumed.id)
        assert {node for node, step in steps.items() if step.state == "reused"} == {
            "a",
            "b",
            "sum",
            "twice",
            "end",
        }

    def test_a_run_that_goes_on_or_succeeded_is_not_resumed(self, studio: Studio) -> None:
        run = studio.submit(document())
        with pytest.raises(ConflictError, match="queued"):
            studio.submission.resume(run.id)
        studio.finish(run)
        with pytest.raises(ConflictError, match="succeeded"):
            studio.submission.resume(run.id)
