"""`galaxy cache`: what is kept to save time, and how to get the room back."""

from typing import Annotated

import typer

from galaxy_core.cli.shell.sentences import print_json
from galaxy_core.errors import BadValueError

app = typer.Typer(help="What is kept to save time: list, clear.", no_args_is_help=True)


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """What the cache folder holds, and how large it is."""
    from galaxy_core.data.cache import default_cache_folder
    from galaxy_core.data.inventory import KINDS, cache_sizes

    sizes = cache_sizes()
    if as_json:
        each = {kind: {"files": n, "bytes": n_bytes} for kind, (n, n_bytes) in sizes.items()}
        print_json({"folder": str(default_cache_folder()), "kinds": each})
        return
    typer.echo(default_cache_folder())
    for kind, (n, n_bytes) in sizes.items():
        typer.echo(f"{kind:<10}{n:>6} files {n_bytes / 1e6:>10.1f} MB  {KINDS[kind]}")


@app.command()
def clear(
    features: Annotated[bool, typer.Option("--features", help="What frozen layers make of images.")] = False,
    images: Annotated[bool, typer.Option("--images", help="Unpacked images of galaxy files.")] = False,
    fetched: Annotated[
        bool, typer.Option("--fetched", help="The file that was fetched; 2.5 GB to fetch again.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="All that is made here, mock galaxies too; not what was fetched.")
    ] = False,
) -> None:
    """Delete what is kept; whatever is needed is made (or, once --fetched is cleared, fetched) again."""
    from galaxy_core.data.inventory import FEATURES, FETCHED, IMAGES, KINDS, clear_cache

    wanted = {FEATURES: features, IMAGES: images, FETCHED: fetched}
    chosen = [kind for kind in KINDS if wanted.get(kind) or (everything and kind != FETCHED)]
    if not chosen:
        raise BadValueError(
            "say what to clear: --features, --images, --fetched or --all; `galaxy cache list` shows sizes"
        )
    typer.echo(f"freed {clear_cache(chosen) / 1e6:.1f} MB")
