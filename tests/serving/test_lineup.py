import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from galaxy_core.errors import BadValueError
from galaxy_core.images.turns import turned, turned_back
from galaxy_core.images.view import training_view
from galaxy_core.serving import lineup
from galaxy_core.serving.lineup import Lineup, probabilities


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, (5, 128, 128, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def several(tensors, made_run) -> Lineup:
    """Two runs on the central half, one on the whole image made half as large, one on the whole image."""
    return Lineup(
        [
            made_run("half-a", tensors(0), 64, 64),
            made_run("coarse", tensors(1), 128, 64),
            made_run("half-b", tensors(2), 64, 64),
            made_run("whole", tensors(0), 128, 128),
        ],
        n_threads=2,
    )


def test_every_run_is_asked_through_its_own_training_view(several, tensors, made_run, images) -> None:
    together = several.predict(images)
    assert list(together) == list(several.names) == ["half-a", "coarse", "half-b", "whole"]
    central = np.ascontiguousarray(images[:, 32:96, 32:96])
    alone = Lineup([made_run("x", tensors(0), 64, 64)]).predict(central)["x"]
    np.testing.assert_allclose(together["half-a"], alone, atol=1e-5, rtol=1e-5)
    coarse = Lineup([made_run("x", tensors(1), 64, 64)]).predict(training_view(images, 128, 64))["x"]
    np.testing.assert_allclose(together["coarse"], coarse, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("turns", [4, 8])
def test_answers_of_several_turns_are_means_and_so_are_maps_turned_back(
    tensors, made_run, images, turns: int
) -> None:
    ways = [np.ascontiguousarray(turned(images, number, (1, 2))) for number in range(turns)]
    once = Lineup([made_run("x", tensors(0), 64, 64)])
    each = [once.explain(way)["x"] for way in ways]
    mean = Lineup([made_run("x", tensors(0), 64, 64, turns)]).explain(images)["x"]
    np.testing.assert_allclose(mean.logits, np.mean([one.logits for one in each], axis=0), atol=1e-5)
    back = [turned_back(one.maps, number, (2, 3)) for number, one in enumerate(each)]
    np.testing.assert_allclose(mean.maps, np.mean(back, axis=0), atol=1e-4)
    np.testing.assert_allclose(mean.maps.mean(axis=(2, 3)) + mean.bias, mean.logits, atol=1e-5)


def test_runs_of_one_view_share_one_graph(several) -> None:
    assert len(several._groups) == 3


def test_the_size_of_the_batch_changes_no_answer(several, images) -> None:
    by_two, at_once = several.predict(images, batch_size=2), several.predict(images)
    for name in several.names:
        assert by_two[name].shape == (5, 10)
        np.testing.assert_allclose(by_two[name], at_once[name], atol=1e-5, rtol=1e-5)


def test_for_many_images_a_pass_is_a_threads_own_and_answers_the_same(
    several, tensors, made_run, images, monkeypatch
) -> None:
    monkeypatch.setattr(lineup, "n_cores", lambda: 2)
    many = Lineup.for_many([made_run("half-a", tensors(0), 64, 64)])
    assert (many.n_askers, many.batch_size) == (3, 8)
    monkeypatch.setattr(lineup, "n_cores", lambda: 64)
    assert Lineup.for_many([made_run("half-a", tensors(0), 64, 64)]).batch_size == 4
    with ThreadPoolExecutor(3) as askers:
        each = list(askers.map(many.predict, [images] * 6))
    for one in each:
        np.testing.assert_array_equal(one["half-a"], each[0]["half-a"])
        np.testing.assert_allclose(one["half-a"], several.predict(images)["half-a"], atol=1e-5, rtol=1e-5)


def test_progress_counts_images_up_to_the_last(several, images) -> None:
    seen: list[tuple[int, int]] = []
    several.predict(images, batch_size=2, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(2, 5), (4, 5), (5, 5)]


def test_what_is_explained_is_what_is_predicted_in_every_view(several, images) -> None:
    predicted, explained = several.predict(images), several.explain(images)
    assert list(explained) == list(several.names)
    for name, one in explained.items():
        np.testing.assert_array_equal(one.logits, predicted[name])
    cells = {name: one.maps.shape[2:] for name, one in explained.items()}
    assert cells == {"half-a": (2, 2), "coarse": (2, 2), "half-b": (2, 2), "whole": (4, 4)}
    views = {name: (one.view.crop, one.view.size) for name, one in explained.items()}
    assert views == {"half-a": (64, 64), "coarse": (128, 64), "half-b": (64, 64), "whole": (128, 128)}


def test_what_lies_outside_the_view_changes_neither_answer_nor_map_and_its_middle_both(
    several, images
) -> None:
    outside, middle = images.copy(), images.copy()
    outside[:, np.pad(np.zeros((64, 64), bool), 32, constant_values=True)] = 0
    middle[:, 48:80, 48:80] = 0
    before, without, without_middle = map(several.explain, (images, outside, middle))
    for name in ("half-a", "half-b"):
        np.testing.assert_array_equal(without[name].logits, before[name].logits)
        np.testing.assert_array_equal(without[name].maps, before[name].maps)
    for name in several.names:
        assert not np.allclose(without_middle[name].logits, before[name].logits, atol=1e-2)
        assert not np.allclose(without_middle[name].maps, before[name].maps, atol=1e-2)


def test_maps_keep_the_mean_rule(several, images) -> None:
    for one in several.explain(images).values():
        np.testing.assert_allclose(one.maps.mean(axis=(2, 3)), one.logits - one.bias, atol=1e-5)
        assert {one.maps.dtype, one.logits.dtype, one.bias.dtype} == {np.dtype(np.float32)}


def test_no_pass_of_answers_or_maps_holds_more_pixels_than_its_bound(several, images, monkeypatch) -> None:
    at_once, n_pixels = several.explain(images)["whole"], []
    one_pass = lineup._Group._one_pass

    def count(group, seen):
        n_pixels.append(seen.size // 3)
        return one_pass(group, seen)

    monkeypatch.setattr(lineup, "PIXELS", 2 * 128 * 128 // 16)
    monkeypatch.setattr(lineup._Group, "_one_pass", count)
    in_parts, answers = several.explain(images)["whole"], several.predict(images)["whole"]
    np.testing.assert_allclose(in_parts.maps, at_once.maps, atol=1e-4)
    np.testing.assert_array_equal(in_parts.logits, answers)
    assert in_parts.logits.shape == (5, 10)
    assert max(n_pixels) == 2 * 128 * 128


def test_no_image_gives_empty_answers_of_the_right_shape(several, images) -> None:
    assert several.predict(images[:0])["half-a"].shape == (0, 10)
    assert several.explain(images[:0])["whole"].maps.shape == (0, 10, 4, 4)


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((128, 128, 3), np.uint8),
        np.zeros((1, 128, 128, 3), np.float32),
        np.zeros((1, 3, 128, 128), np.uint8),
        [[0]],
    ],
)
def test_what_is_no_batch_of_images_is_refused_with_a_way_out(wrong, several) -> None:
    with pytest.raises(BadValueError, match=r"must be uint8 \(N, H, W, 3\).*image\[None\]"):
        several.predict(wrong)


def test_images_need_not_be_square_but_must_hold_the_view(several, tensors, made_run) -> None:
    assert several.explain(np.zeros((1, 128, 130, 3), np.uint8))["whole"].maps.shape == (1, 10, 4, 4)
    with pytest.raises(BadValueError, match=r"crop must lie in \[8, 40\]"):
        several.explain(np.zeros((1, 40, 40, 3), np.uint8))
    with pytest.raises(BadValueError, match="needs 32 px or more a side, got 20"):
        Lineup([made_run("x", tensors(0), 20, 20)])


def test_a_lineup_of_nobody_or_of_one_twice_is_refused(tensors, made_run) -> None:
    with pytest.raises(BadValueError, match="at least one run"):
        Lineup([])
    run = made_run("a", tensors(0))
    with pytest.raises(BadValueError, match="'a' twice"):
        Lineup([run, run])


def test_probabilities_of_huge_logits_are_finite_and_sum_to_one() -> None:
    logits = np.float32([[1000, 0, -1000], [0, 0, 0], [-2000, -2000, -2001]])
    shares = probabilities(logits)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(shares[0], [1, 0, 0])
    np.testing.assert_allclose(shares[2], [0.42232, 0.42232, 0.15536], atol=1e-5)
    assert probabilities(np.zeros((0, 10), np.float32)).shape == (0, 10)


def test_inference_needs_no_training_engine_and_opens_without_a_runtime() -> None:
    script = (
        "import sys, galaxy_core.serving.lineup, galaxy_core.serving.graph\n"
        "print([m for m in ('keras', 'tensorflow', 'jax', 'onnxruntime', 'onnx') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"


def test_all_cores_share_a_pass_unless_several_threads_are_to_ask(tensors, made_run, monkeypatch) -> None:
    from galaxy_core.cli.shell.chosen import open_lineup

    monkeypatch.setattr("galaxy_core.serving.engine.n_cores", lambda: 2)
    runs = [made_run("a", tensors(0), 64, 64)]

    def threads_of_a_pass(opened: Lineup) -> int:
        return opened._groups[0].engine._session.get_session_options().intra_op_num_threads

    assert threads_of_a_pass(open_lineup(runs)) == 2
    assert threads_of_a_pass(open_lineup(runs, for_many=True)) == 1
