import numpy as np

from galaxy_core.serving.nodes import NodeTable


def test_constants_of_equal_bytes_are_one() -> None:
    table = NodeTable()
    assert table.constant(np.float32([1, 2]), "a") == table.constant(np.float32([1, 2]), "b")
    assert list(table.constants) == ["a"]


def test_constants_that_differ_in_one_bit_shape_or_type_stay_apart() -> None:
    table = NodeTable()
    one = np.float32([1, 2])
    near = one.copy()
    near.view(np.uint32)[0] ^= 1
    same_bytes = [one, near, one.reshape(2, 1), one.reshape(1, 2), one.view(np.int32), np.float32([-0.0, 0])]
    names = [table.constant(values, "w") for values in (*same_bytes, np.float32([0.0, 0]))]
    assert len(set(names)) == 7
    assert np.array_equal(table.constants[names[1]], near)


def test_a_strided_constant_keeps_its_values() -> None:
    table = NodeTable()
    values = np.arange(12, dtype=np.float32).reshape(3, 4).T
    stored = table.constants[table.constant(values, "w")]
    assert np.array_equal(stored, values)
    assert stored.flags.c_contiguous


def test_a_constant_is_no_view_into_the_callers_memory() -> None:
    table, checkpoint = NodeTable(), np.ones(1000, np.float32)
    name = table.constant(checkpoint[:10], "w")
    checkpoint[:] = 5
    assert np.all(table.constants[name] == 1)


def test_a_node_is_made_once_and_its_attributes_count() -> None:
    table = NodeTable()
    first = table.node("Concat", ["a", "b"], "x", axis=1)
    assert table.node("Concat", ["a", "b"], "y", axis=1) == first
    others = [
        table.node("Concat", ["b", "a"], "x", axis=1),
        table.node("Concat", ["a", "b"], "x", axis=2),
        table.node("Add", ["a", "b"], "x"),
        table.node("Conv", ["a", "b"], "x", pads=[1, 1]),
        table.node("Conv", ["a", "b"], "x", pads=[0, 0]),
    ]
    assert len({first, *others}) == 6
    assert len(table.nodes) == 6


def test_one_value_may_have_two_names_outside() -> None:
    table = NodeTable()
    value = table.node("Relu", ["x"], "r")
    table.output(value, "m/logits")
    table.output(value, "n/logits")
    assert [node.output[0] for node in table.nodes] == ["r", "m/logits", "n/logits"]
