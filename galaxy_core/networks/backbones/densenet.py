"""DenseNet-121, -169 and -201 (Huang et al. 2017, table 1), in exactly the order of `keras.applications`.

Keras names three layers by a counter that depends on the session (`input_layer`, `zero_padding2d`,
`zero_padding2d_1`); here they are `input`, `pad1` and `pad2`, and have no tensors.
"""

from galaxy_core.networks.backbone import Backbone, Published, standardised
from galaxy_core.networks.layer import Pen

GROWTH_RATE = 32
COMPRESSION = 0.5
BOTTLENECK = 4 * GROWTH_RATE
STEM_CHANNELS = 64
N_STEM_LAYERS = 7
BLOCKS = {121: (6, 12, 24, 16), 169: (6, 12, 32, 32), 201: (6, 12, 48, 32)}
# as in keras/src/applications/densenet.py of Keras 3.15.1; a test compares them with the installed Keras
MD5 = {
    121: "30ee3e1110167f948a6b9946edeeb738",
    169: "b8c4d4c20dd625c148057b9ff1c1176b",
    201: "c13680b51ded0fb44dff2d8f86ac8bb1",
}
MEGABYTES = {121: 29, 169: 52, 201: 75}
ADDRESS = "https://storage.googleapis.com/tensorflow/keras-applications/densenet/"
IMAGENET = standardised(
    "imagenet",
    (255 * 0.485, 255 * 0.456, 255 * 0.406),
    (255 * 0.229, 255 * 0.224, 255 * 0.225),
)


def densenet(depth: int) -> Backbone:
    """The DenseNet of that many convolutions and dense layers: 121, 169 or 201."""
    pen = Pen()
    _write_stem(pen)
    blocks = BLOCKS[depth]
    for number, n_dense_layers in enumerate(blocks, start=2):
        for i in range(n_dense_layers):
            pen.begin(f"dense block {number - 1}", f"block {number - 1}, layer {i + 1}")
            _write_dense_layer(pen, f"conv{number}_block{i + 1}")
        if number <= len(blocks):
            pen.begin("", f"transition {number - 1}")
            _write_transition(pen, f"pool{number}")
    pen.begin("", "end")
    pen.batch_norm("bn")
    pen.write("relu", "relu")
    ends = [f"conv{number}_block{n}_concat" for number, n in enumerate(blocks[:-1], start=2)]
    return Backbone(
        name=f"densenet{depth}",
        title=f"DenseNet-{depth}",
        layers=tuple(pen.layers),
        preprocessing=IMAGENET,
        batch_norm_epsilon=1.001e-5,
        batch_norm_momentum=0.99,
        n_stem_layers=N_STEM_LAYERS,
        ends_of_blocks=("pool1", *ends, "relu"),
        published=_published(depth),
    )


def _published(depth: int) -> Published:
    return Published(
        kind="keras",
        place=ADDRESS,
        file_name=f"densenet{depth}_weights_tf_dim_ordering_tf_kernels_notop.h5",
        digest=MD5[depth],
        n_megabytes=MEGABYTES[depth],
    )


def _write_stem(pen: Pen) -> None:
    pen.write("pad1", "zero_padding", padding=3)
    pen.conv("conv1_conv", STEM_CHANNELS, kernel=7, stride=2)
    pen.batch_norm("conv1_bn")
    pen.write("conv1_relu", "relu")
    pen.write("pad2", "zero_padding", padding=1)
    pen.write("pool1", "max_pool", kernel=3, stride=2)


def _write_dense_layer(pen: Pen, name: str) -> None:
    source = pen.last
    pen.batch_norm(f"{name}_0_bn")
    pen.write(f"{name}_0_relu", "relu")
    pen.conv(f"{name}_1_conv", BOTTLENECK)
    pen.batch_norm(f"{name}_1_bn")
    pen.write(f"{name}_1_relu", "relu")
    new = pen.conv(f"{name}_2_conv", GROWTH_RATE, kernel=3, padding=1)
    pen.write(f"{name}_concat", "concatenate", source, new, channels=source.channels + GROWTH_RATE)


def _write_transition(pen: Pen, name: str) -> None:
    pen.batch_norm(f"{name}_bn")
    pen.write(f"{name}_relu", "relu")
    pen.conv(f"{name}_conv", int(pen.last.channels * COMPRESSION))
    pen.write(f"{name}_pool", "average_pool", kernel=2, stride=2)
