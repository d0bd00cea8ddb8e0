"""`galaxy explore`: the explorer in the browser. It starts a server of the folder that holds the pages."""

import os
from pathlib import Path
from typing import Annotated

import typer

from galaxy_core.cli.shell import apart
from galaxy_core.cli.shell.sentences import say
from galaxy_core.errors import BadValueError, MissingError

FOLDERS = ("galaxy_explorer", "app")
"""What the folder of the pages is called beside this package: in a wheel, and in a checkout."""
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
ANY_ADDRESS = ("0.0.0.0", "::")


def explore(
    port: Annotated[
        int | None, typer.Option(help="Where it listens (default: 8501, or the next that is free).")
    ] = None,
    host: Annotated[
        str, typer.Option(help="The address it listens on; 0.0.0.0 for every one of this machine.")
    ] = "localhost",
    name: Annotated[
        list[str] | None,
        typer.Option(help="A name by which others call this machine; may be given several times."),
    ] = None,
    workers: Annotated[
        list[str] | None,
        typer.Option(
            help="Where the page Train may train beside this machine: dask://HOST:PORT or slurm; may be given again."
        ),
    ] = None,
    cluster: apart.Cluster = None,
    base_path: Annotated[
        str, typer.Option(help="The path below which a proxy shows it, as in https://lab.example/galaxies.")
    ] = "",
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
) -> None:
    """Open the explorer in the browser; where there is no run yet, it trains a quick one on mock galaxies."""
    from streamlit.web.cli import main

    from galaxy_core.runs.run import list_runs

    if port is not None and not 1 <= port <= 65535:
        raise BadValueError(f"--port must lie in 1 to 65535, got {port}; leave it out for 8501")
    _name_workers(workers or [], cluster)
    if not list_runs():
        say(
            "there are no models here; `galaxy models fetch` gets the shipped ones, and until there are some "
            "the first page trains its own on mock galaxies"
        )
    os.environ.setdefault("GALAXY_AUTOSTART", "1")
    main(
        ["run", str(_main_file()), *_options(port, host, name or [], base_path, browser)],
        standalone_mode=False,
    )


def _name_workers(workers: list[str], cluster: Path | None) -> None:
    """Tell the pages of them: whoever serves a page names its clusters, since what is there carries out commands."""
    from galaxy_core.scale.workers import check_workers

    for where in workers:
        check_workers(where)
    apart.settings_of(cluster)
    if workers:
        os.environ["GALAXY_WORKERS"] = " ".join(workers)
    if cluster is not None:
        os.environ["GALAXY_CLUSTER"] = str(cluster.absolute())


def _main_file() -> Path:
    beside = Path(__file__).parents[2]
    for folder in FOLDERS:
        if (beside / folder / "explorer.py").is_file():
            return beside / folder / "main.py"
    raise MissingError(
        f"the explorer is not beside the package in {beside}; install the project's wheel again"
    )


def _options(port: int | None, host: str, names: list[str], base_path: str, is_opened: bool) -> list[str]:
    """What Streamlit is told beyond the settings in the folder of the pages.

    Who names an address or a name lets others in by it; this machine's own names always do.
    """
    others = [*names] if host in (*LOCAL_NAMES, *ANY_ADDRESS) else [*names, host]
    options = [f"--server.address={host}", f"--server.headless={'false' if is_opened else 'true'}"]
    options += [f"--server.port={port}"] if port else []
    below = "/".join(filter(None, base_path.split("/")))  # as a hub joins it, with a slash too many
    options += [f"--server.baseUrlPath={below}"] if below else []
    if others or host in ANY_ADDRESS:
        # the address to show; without one Streamlit asks a server outside for its own
        options.append(f"--browser.serverAddress={(others or LOCAL_NAMES)[0]}")
        options += [f"--server.allowedHosts={one}" for one in (*LOCAL_NAMES, *others)]
    return options
