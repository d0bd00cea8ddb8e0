"""Work that takes a while: done once, kept a while, and no hindrance to anybody where it fails."""

import pytest
from parts import waiting


@pytest.fixture(autouse=True)
def nothing_known() -> None:
    waiting._shelf.clear()


def test_work_is_done_once_and_then_known() -> None:
    done: list[str] = []

    def make(step: waiting.Step) -> str:
        step("Counting")(1, 2)
        done.append("once")
        return "answer"

    assert [waiting.work(("a", 1), make) for _ in range(2)] == ["answer"] * 2
    assert done == ["once"]
    assert waiting.work(("a", 2), lambda step: "other") == "other"


def test_work_that_fails_is_not_kept_and_does_not_block_the_next() -> None:
    def fail(step: waiting.Step) -> str:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        waiting.work(("a",), fail)
    assert waiting.work(("a",), lambda step: "answer") == "answer"


def test_the_oldest_answer_goes_when_there_are_too_many() -> None:
    for number in (*range(waiting.MOST_KEPT), 0, "one more"):  # 0 is asked for again, so no longer the oldest
        waiting.work((number,), lambda step: "answer")
    assert waiting.work((0,), lambda step: "anew") == "answer"
    assert waiting.work((1,), lambda step: "anew") == "anew"
