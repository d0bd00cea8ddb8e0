"""EfficientNetV2-S (Tan & Le 2021, table 4), in exactly the order of `keras.applications`.

Its stochastic depth is a layer of the table, counted as Keras counts it, but passes on what it is given in training
too: with a few hundred galaxies a dropped block costs more than it regularises, and a training that draws nothing
inside the network is repeated bit for bit.
"""

from galaxy_core.networks.backbone import Backbone, Published, standardised
from galaxy_core.networks.layer import SAME, Layer, Pen

STEM_CHANNELS, TOP_CHANNELS = 24, 1280
SQUEEZE = 0.25
# whether the first two convolutions are one, repeats, stride, expansion, channels out
STAGES = (
    (True, 2, 1, 1, 24),
    (True, 4, 2, 4, 48),
    (True, 4, 2, 4, 64),
    (False, 6, 2, 4, 128),
    (False, 9, 1, 6, 160),
    (False, 15, 2, 6, 256),
)
IMAGE = standardised("minus_one_to_one", (128.0,) * 3, (128.0,) * 3)


def efficientnet_v2_s() -> Backbone:
    """EfficientNetV2-S."""
    pen, ends, joints = Pen(), [], set()
    pen.conv("stem_conv", STEM_CHANNELS, kernel=3, stride=2, padding=SAME)
    _normalise(pen, "stem_")
    for stage, (is_fused, repeats, stride, expansion, channels) in enumerate(STAGES, start=1):
        write = _write_fused_block if is_fused else _write_block
        for i in range(repeats):
            name = f"block{stage}{chr(ord('a') + i)}_"
            pen.begin(f"stage {stage}", name)
            write(pen, name, stride if i == 0 else 1, expansion, channels)
            joints.add(pen.last.name)
        if stage == 1:
            n_stem_layers = len(pen.layers)
        ends.append(pen.last.name)
    pen.begin("", "top")
    pen.conv("top_conv", TOP_CHANNELS, padding=SAME)
    _normalise(pen, "top_")
    return Backbone(
        name="efficientnet_v2_s",
        title="EfficientNetV2-S",
        layers=tuple(pen.layers),
        preprocessing=IMAGE,
        batch_norm_epsilon=1e-3,
        batch_norm_momentum=0.9,
        n_stem_layers=n_stem_layers,
        ends_of_blocks=(ends[0], ends[1], ends[2], ends[4], pen.last.name),
        published=Published(
            kind="keras",
            place="https://storage.googleapis.com/tensorflow/keras-applications/efficientnet_v2/",
            file_name="efficientnetv2-s_notop.h5",
            digest="af0682fb74e8c54910f2d4393339c070",
            n_megabytes=82,
        ),
        joints=frozenset({*joints, pen.last.name}),
    )


def _normalise(pen: Pen, name: str) -> None:
    pen.batch_norm(f"{name}bn")
    pen.write(f"{name}activation", "silu")


def _write_block(pen: Pen, name: str, stride: int, expansion: int, channels: int) -> None:
    """An inverted residual block with squeeze-and-excitation."""
    source = pen.last
    pen.conv(f"{name}expand_conv", source.channels * expansion, padding=SAME)
    _normalise(pen, f"{name}expand_")
    pen.depthwise_conv(f"{name}dwconv2", kernel=3, stride=stride)
    _normalise(pen, name)
    _squeeze_and_excite(pen, name, max(1, int(source.channels * SQUEEZE)))
    pen.conv(f"{name}project_conv", channels, padding=SAME)
    _close(pen, name, source, stride, pen.batch_norm(f"{name}project_bn"))


def _write_fused_block(pen: Pen, name: str, stride: int, expansion: int, channels: int) -> None:
    """The same with one full convolution for the first two, and without squeeze-and-excitation."""
    source = pen.last
    if expansion == 1:
        pen.conv(f"{name}project_conv", channels, kernel=3, stride=stride, padding=SAME)
        _normalise(pen, f"{name}project_")
    else:
        pen.conv(f"{name}expand_conv", source.channels * expansion, kernel=3, stride=stride, padding=SAME)
        _normalise(pen, f"{name}expand_")
        pen.conv(f"{name}project_conv", channels, padding=SAME)
        pen.batch_norm(f"{name}project_bn")
    _close(pen, name, source, stride, pen.last)


def _squeeze_and_excite(pen: Pen, name: str, n_squeezed: int) -> None:
    whole = pen.last
    pen.write(f"{name}se_squeeze", "global_pool")
    pen.write(f"{name}se_reshape", "reshape")
    pen.conv(f"{name}se_reduce", n_squeezed, padding=SAME, activation="silu", has_bias=True)
    gate = pen.conv(f"{name}se_expand", whole.channels, padding=SAME, activation="sigmoid", has_bias=True)
    pen.write(f"{name}se_excite", "multiply", whole, gate)


def _close(pen: Pen, name: str, source: Layer, stride: int, new: Layer) -> None:
    """The way around the block, where its two ends are of one shape."""
    if stride != 1 or source.channels != new.channels:
        return
    if name != "block1a_":  # whose rate is 0
        new = pen.write(f"{name}drop", "stochastic_depth")
    pen.write(f"{name}add", "add", new, source)
