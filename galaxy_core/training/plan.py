"""What a training will do, said before it starts: layers, parameters, examples, and roughly how long.

The time is scaled from a training that was timed on this machine, by the multiply-adds of both; where none was,
from a stated rate. It knows no Keras and opens no file of galaxies.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from galaxy_core.errors import GalaxyError
from galaxy_core.networks.cut import cut_at
from galaxy_core.networks.policy import get_policy
from galaxy_core.runs.config import TrainConfig
from galaxy_core.runs.device import Device
from galaxy_core.runs.run import Run, list_runs

MULTIPLY_ADDS_A_CORE_SECOND = 18e9
"""Measured with TensorFlow 2.21 on two processor cores, all layers trained: EfficientNet-Lite0, 32 images/s at 224 px.
DenseNet-121, which has no depthwise convolutions, does twice as many; older processors half as many.
"""
SECONDS_TO_BEGIN = 60.0
"""TensorFlow starts and the network is compiled: half a minute to two minutes on two cores."""
FEWEST_SECONDS = 20.0
"""Of training beyond its beginning, from which a speed is taken."""
# a trained layer runs forward, and backward for its input and for its weights
PASSES_TRAINED, PASSES_FROZEN = 3, 1


@dataclass(frozen=True)
class Plan:
    """`n_layers` of the network train, `n_parameters` values are learned, the head's among them.

    `n_examples` galaxies an epoch, copies of rare ones counted; None where the data are not known yet, as then is
    `seconds`. `basis` says in words where the seconds come from.
    """

    n_layers: int
    n_parameters: int
    n_examples: int | None
    seconds: float | None
    basis: str


def plan_training(
    config: TrainConfig, class_counts: Sequence[int] | None, timed: Iterable[Run], device: Device
) -> Plan:
    """The plan of `config` on galaxies with those counts per class (None: not known), before it is started.

    `timed` are runs to learn the speed from: those trained here on the same kind of device count.
    """
    n_layers, n_parameters = _trained(config)
    if class_counts is None:
        return Plan(n_layers, n_parameters, None, None, "How long shows once the galaxies are there.")
    n_examples = n_training_examples(config, class_counts)
    seconds, basis = _time(config, n_examples, timed, device)
    return Plan(n_layers, n_parameters, n_examples, seconds, basis)


def time_of_all(
    configs: Iterable[TrainConfig], class_counts: Sequence[int] | None, timed: Iterable[Run], device: Device
) -> tuple[float | None, str]:
    """Seconds of trainings one after the other in a process, None where they are not known, and where they come from.

    Those that differ in seed and fold alone begin once: they share a compiled network.
    """
    timed, seconds, basis = list(timed), 0.0, ""
    alike = Counter(replace(one, seed=0, fold=None if one.fold is None else 0) for one in configs)
    for config, n in alike.items():
        plan = plan_training(config, class_counts, timed, device)
        if plan.seconds is None:
            return None, plan.basis
        seconds += SECONDS_TO_BEGIN + n * (plan.seconds - SECONDS_TO_BEGIN)
        basis = basis or plan.basis
    return seconds, basis


def how_long(runs: Sequence[Run], class_counts: Sequence[int], device: Device) -> str:
    """How many of these trainings are left, and about how long they take, in words."""
    left = [run for run in runs if run.status().state != "done"]
    if not left:
        return "done"
    seconds, basis = time_of_all((run.config for run in left), class_counts, list_runs(), device)
    told = "" if seconds is None else f"about {seconds / 60:.0f} min. "
    return f"{len(left)} of {len(runs)} trainings to do, {told}{basis}"


def n_training_examples(config: TrainConfig, class_counts: Sequence[int]) -> int:
    """Galaxies an epoch: mocks, and the training share of each class, all as many as the largest if it oversamples."""
    share = 1 - config.validation - config.test
    kept = [round(share * n) for n in class_counts if n]
    return config.n_mocks + (max(kept, default=0) * len(kept) if config.oversample else sum(kept))


def work(config: TrainConfig, n_examples: int) -> float:
    """Multiply-adds of the whole training, passes over the validation and test parts left out."""
    share = cut_at(config.network, config.cut).flop_share
    is_frozen = get_policy(config.policy).freezes
    is_kept = is_frozen and config.n_views is not None and config.reuse_prefix
    n_below = min(config.epochs, config.n_views or config.epochs) if is_kept else config.epochs
    passes_below = PASSES_FROZEN if is_frozen else PASSES_TRAINED
    passes = passes_below * share * n_below + PASSES_TRAINED * (1 - share) * config.epochs
    return passes * n_examples * sum(config.network.multiply_adds(config.image_size).values())


def _trained(config: TrainConfig) -> tuple[int, int]:
    network, cut = config.network, cut_at(config.network, config.cut)
    if get_policy(config.policy).freezes:
        return network.n_layers - cut.n_layers, cut.n_trainable_parameters(len(config.classes))
    return network.n_layers, network.n_learned(len(config.classes))


def _time(
    config: TrainConfig, n_examples: int, timed: Iterable[Run], device: Device
) -> tuple[float | None, str]:
    wanted = work(config, n_examples)
    nearest = min(_speeds(timed, device), key=lambda one: _distance(config, one[1]), default=None)
    if nearest is not None:
        name, _, speed = nearest
        return SECONDS_TO_BEGIN + wanted / speed, f"The time is scaled from {name}, which was timed here."
    if device.kind == "gpu":
        return None, "No training has been timed on a graphics card here yet."
    speed = MULTIPLY_ADDS_A_CORE_SECOND * device.n_cores
    rate = f"{MULTIPLY_ADDS_A_CORE_SECOND / 1e9:.0f} thousand million multiply-adds a second and core"
    return (
        SECONDS_TO_BEGIN + wanted / speed,
        f"The time is from a rough rate, {rate}: nothing was timed here yet.",
    )


def _speeds(timed: Iterable[Run], device: Device) -> list[tuple[str, TrainConfig, float]]:
    """Name, config and multiply-adds a second of each run that says how long it took on such a device."""
    found = []
    for run in timed:
        try:
            speed = _speed(run, device) if run.is_whole and not run.is_shipped else None
            if speed:
                found.append((run.name, run.config, speed))
        except (GalaxyError, AttributeError, KeyError, TypeError, ValueError):
            continue  # a damaged run is reported where runs are listed; here it merely teaches nothing
    return found


def _speed(run: Run, device: Device) -> float | None:
    """None for a run of another device, and for one that was over before it had gone on for long enough to tell."""
    card, epochs = run.card(), [float(row["seconds"]) for row in run.history()]
    # the network is compiled in the first epoch, which would count as training
    begun = max(0.0, epochs[0] - epochs[1]) if len(epochs) > 1 else SECONDS_TO_BEGIN
    seconds = sum(epochs) - begun
    if card.get("environment", {}).get("device", "processor") != device.kind or seconds < FEWEST_SECONDS:
        return None
    return work(run.config, int(card["data"]["n_train_oversampled"])) / seconds


def _distance(config: TrainConfig, other: TrainConfig) -> tuple[bool, bool, bool, float]:
    """How unlike two trainings are, in what changes the speed beyond the number of multiply-adds."""
    return (
        config.backbone != other.backbone,
        config.image_size != other.image_size,
        (config.n_views is None) != (other.n_views is None),
        abs(config.cut - other.cut),
    )
