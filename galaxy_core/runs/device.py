"""On what a training would run, as far as one can tell without starting an engine: no TensorFlow, no nvidia-smi."""

from dataclasses import dataclass
from pathlib import Path

from galaxy_core.runs.cores import n_cores

CPUINFO = Path("/proc/cpuinfo")
BFLOAT16 = {"avx512_bf16", "amx_bf16"}
"""Instructions that compute with bfloat16, as Linux names them; elsewhere none are known of."""
NVIDIA = Path("/proc/driver/nvidia/gpus")
"""Made by the driver of the card, one folder a card, on Linux and under WSL with the full driver."""


@dataclass(frozen=True)
class Device:
    """`kind` is "gpu" or "processor", as in a run's card; `sentence` says how sure that is."""

    kind: str
    n_cores: int
    sentence: str


def has_bfloat16(cpuinfo: Path = CPUINFO) -> bool:
    """Whether this processor has instructions for bfloat16: those of servers since about 2021, few others."""
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    flags = next((line for line in lines if line.startswith("flags")), "")
    return not BFLOAT16.isdisjoint(flags.partition(":")[2].split())


def likely_device(nvidia: Path = NVIDIA) -> Device:
    """The device a training started now is likely to use."""
    cores_here = n_cores()
    if nvidia.is_dir() and any(nvidia.iterdir()):
        sentence = (
            "on the NVIDIA graphics card of this computer if TensorFlow was installed with CUDA, which shows only "
            f"when it starts; else on its {cores_here} processor cores"
        )
        return Device("gpu", cores_here, sentence)
    cores = f"{cores_here} processor cores" if cores_here > 1 else "one processor core"
    return Device(
        "processor", cores_here, f"on the {cores} of this computer: no NVIDIA graphics card was found"
    )
