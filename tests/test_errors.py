"""What an error tells: a sentence, and the values that it was made of."""

from __future__ import annotations

from studio.errors import ComponentError, Problem, say


def test_a_message_is_a_sentence_that_knows_its_values() -> None:
    message = say("Column {name!r} has {rows:,} rows.", name="age", rows=12000)
    assert message == "Column 'age' has 12,000 rows."
    assert message.arguments == {"name": "age", "rows": "12,000"}


def test_a_problem_tells_the_values_of_its_message_and_of_its_hint() -> None:
    error = ComponentError(say("No column {name!r}.", name="ag"), hint=say("{near}?", near="age"))
    (problem,) = error.problems()
    assert problem.to_json()["arguments"] == {"name": "ag", "near": "age"}
    assert Problem("code", "plain").arguments is None


def test_a_long_value_is_cut_and_the_sentence_is_not() -> None:
    message = say("{text}", text="x" * 1000)
    assert len(message) == 1000
    assert len(message.arguments["text"]) == 200
