"""A real SLURM whose one node is this machine, in a folder of its own, for as long as a test runs."""

import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

IS_HERE = all(shutil.which(program) for program in ("slurmctld", "slurmd", "sbatch", "munged"))
_SETTINGS = """
ClusterName=galaxies
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={at}/munge.socket
StateSaveLocation={at}/state
SlurmdSpoolDir={at}/spool
SlurmctldPidFile={at}/ctld.pid
SlurmdPidFile={at}/slurmd.pid
SlurmctldLogFile={at}/ctld.log
SlurmdLogFile={at}/slurmd.log
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=1
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory=2000 State=UNKNOWN
PartitionName=galaxies Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


@dataclass
class OneNode:
    """Its `conf` is what `SLURM_CONF` has to name; its one partition is `galaxies`."""

    conf: Path
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, *command: str) -> None:
        """A daemon, or (by its name alone) one that was killed."""
        command = command if len(command) > 1 else (command[0], "-D", "-f", str(self.conf))
        environment = {**os.environ, "SLURM_CONF": str(self.conf)}
        with (self.conf.parent / f"{command[0]}.said").open("ab") as said:
            self._running[command[0]] = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
        time.sleep(1)

    def kill(self, name: str) -> None:
        """As a power cut would."""
        self._running[name].kill()
        self._running[name].wait()

    def end(self) -> None:
        """All that runs."""
        for one in reversed(self._running.values()):
            one.terminate()
            one.wait(30)


@contextmanager
def one_node_slurm(folder: Path) -> Iterator[OneNode]:
    """It runs while the block does."""
    for name in ("state", "spool"):
        (folder / name).mkdir(parents=True)
    key, conf = folder / "munge.key", folder / "slurm.conf"
    key.write_bytes(secrets.token_bytes(1024))
    key.chmod(0o400)
    host = socket.gethostname().split(".")[0]
    conf.write_text(
        _SETTINGS.format(host=host, at=folder, ports=_free_ports(), cores=os.cpu_count()), encoding="utf-8"
    )
    munge = [
        f"--{name}={folder}/munge.{name.split('-')[0]}" for name in ("pid-file", "log-file", "seed-file")
    ]
    node = OneNode(conf)
    try:
        node.start(
            "munged",
            "--foreground",
            "--force",
            f"--key-file={key}",
            f"--socket={folder}/munge.socket",
            *munge,
        )
        node.start("slurmctld")
        node.start("slurmd")
        _wait_for_the_node({**os.environ, "SLURM_CONF": str(conf)})
        yield node
    finally:
        node.end()


def _free_ports() -> list[int]:
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in (one, other)]


def _wait_for_the_node(environment: dict[str, str]) -> None:
    for _ in range(60):
        shown = subprocess.run(
            ["sinfo", "-h", "-o", "%T"], capture_output=True, text=True, env=environment, check=False
        )
        if "idle" in shown.stdout:
            return
        time.sleep(0.5)
    raise AssertionError(f"the node did not become idle: {shown.stdout} {shown.stderr}")
