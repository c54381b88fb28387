"""Scheduling, against the rule in words: ready when all before have succeeded; a failure skips
exactly what needs it."""

from __future__ import annotations

from random import Random

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from studio.run import Schedule


@st.composite
def dags(draw: st.DrawFn) -> nx.DiGraph[str]:
    size = draw(st.integers(1, 12))
    digraph: nx.DiGraph[str] = nx.DiGraph()
    digraph.add_nodes_from(str(i) for i in range(size))
    pairs = [(str(i), str(j)) for i in range(size) for j in range(i + 1, size)]
    digraph.add_edges_from(draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else [])
    return digraph


@given(dags(), st.randoms(use_true_random=False), st.floats(0, 1))
def test_every_node_runs_after_its_predecessors_or_is_skipped_for_a_failed_one(
    digraph: nx.DiGraph[str], random: Random, failing: float
) -> None:
    schedule = Schedule(digraph)
    waiting: list[str] = []
    done: dict[str, str] = {}
    while True:
        for node in schedule.take_ready():
            assert all(done[before] == "succeeded" for before in digraph.predecessors(node))
            assert node not in done
            waiting.append(node)
        if not waiting:
            break
        node = waiting.pop(random.randrange(len(waiting)))
        if random.random() < failing:
            done[node] = "failed"
            for skipped in schedule.fail(node):
                assert skipped not in done
                done[skipped] = "skipped"
        else:
            done[node] = "succeeded"
            schedule.succeed(node)
    assert schedule.is_done
    assert set(done) == set(digraph)
    for node, state in done.items():
        above = [done[before] for before in nx.ancestors(digraph, node)]
        assert (state == "skipped") == ("failed" in above)


def test_a_diamond_runs_its_tip_once_and_last() -> None:
    schedule = Schedule(nx.DiGraph([("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]))
    assert schedule.take_ready() == ["a"]
    schedule.succeed("a")
    assert sorted(schedule.take_ready()) == ["b", "c"]
    schedule.succeed("b")
    assert schedule.take_ready() == []
    schedule.succeed("c")
    assert schedule.take_ready() == ["d"]
