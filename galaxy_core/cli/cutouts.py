"""`galaxy cutouts`: pictures of objects by their place on the sky, from the Legacy Surveys' service."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from galaxy_core.catalogues.cutouts import (
    BANDS,
    FITS,
    JPEG,
    LAYER,
    PIXEL_SCALE_ARCSEC,
    SAME_COLOURS,
    SIZE,
    Cutout,
    around,
    scale_for,
)
from galaxy_core.cli.shell.bars import counting_bar
from galaxy_core.cli.shell.sentences import SOME_FAILED, say
from galaxy_core.errors import BadValueError

if TYPE_CHECKING:
    from galaxy_core.catalogues.cutouts_positions import Positions

app = typer.Typer(help="Pictures of objects by their place on the sky.", no_args_is_help=True)


@app.callback()
def cutouts() -> None:
    """Pictures of objects by their place on the sky."""


@app.command()
def fetch(
    to: Annotated[
        Path, typer.Option(help="The folder to fill; what it holds already is not asked for again.")
    ],
    catalogue: Annotated[
        Path | None,
        typer.Argument(
            help="A table with the columns ra and dec, in degrees: CSV, Parquet, FITS, VOTable, ECSV.",
            show_default=False,
        ),
    ] = None,
    position: Annotated[
        tuple[float, float] | None,
        typer.Option(help="One place in place of a list: RA DEC, in degrees.", show_default=False),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="One object by its name, which Sesame is asked for: M51.")
    ] = None,
    layer: Annotated[str, typer.Option(help="Of the survey's viewer; Galaxy10 was made of ls-dr8.")] = LAYER,
    size: Annotated[int, typer.Option(help="Pixels a side, at most 3000.")] = SIZE,
    pixscale: Annotated[float, typer.Option(help="Arcseconds per pixel.")] = PIXEL_SCALE_ARCSEC,
    by_radius: Annotated[
        str | None,
        typer.Option(
            help="A column with half-light radii in arcsec: the scale goes by the size of the object, never finer than "
            "0.262."
        ),
    ] = None,
    fits: Annotated[bool, typer.Option("--fits", help="Flux as FITS in place of pictures.")] = False,
    bands: Annotated[str, typer.Option(help="Of the cutout.")] = BANDS,
) -> None:
    """Get a cutout of each object, one after the other; run it again to carry on.

    `cutouts.csv` in the folder lists the objects with their file, and marks those outside of the survey as blank. The
    folder can be given to `galaxy predict --images`.
    """
    from galaxy_core.catalogues.cutouts_fetch import INDEX, fetch_cutouts

    positions = _positions(catalogue, position, name, by_radius)
    wanted = [
        Cutout(
            one.ra,
            one.dec,
            layer,
            size,
            pixscale if one.radius_arcsec is None else scale_for(one.radius_arcsec, size),
            FITS if fits else JPEG,
            bands,
        )
        for one in positions.rows
    ]
    if layer not in SAME_COLOURS and not fits:
        say(
            f"{layer} may have other colours than networks learned from; those of {', '.join(SAME_COLOURS)} are "
            "the same"
        )
    with counting_bar("cutouts") as progress:
        counts = fetch_cutouts(
            wanted, to, [one.row for one in positions.rows], positions.header, progress=progress, say=say
        )
    typer.echo(
        f"{counts.n_new} cutouts fetched and {counts.n_there} there already, of {len(wanted)} objects; "
        f"{to / INDEX} lists them"
    )
    if counts.n_blank:
        say(f"{counts.n_blank} of {len(wanted)} lie outside of {layer} and are blank")
    if counts.n_refused:
        say(f"{counts.n_refused} of {len(wanted)} were refused; their reasons are in {to / INDEX}")
        raise typer.Exit(SOME_FAILED)
    if position or name:
        say(f"the survey's viewer there: {wanted[0].viewer_url}")


def _positions(
    catalogue: Path | None, position: tuple[float, float] | None, name: str | None, by_radius: str | None
) -> "Positions":
    """What was asked for, one way of three."""
    from galaxy_core.catalogues.cutouts_positions import Position, Positions, read_positions

    if sum(one is not None for one in (catalogue, position, name)) != 1:
        raise BadValueError("name one of a table, --position RA DEC and --name OBJECT")
    if catalogue is not None:
        return read_positions(catalogue, by_radius)
    if by_radius is not None:
        raise BadValueError("--by-radius names a column of a table; give one, or say --pixscale")
    if position is not None:
        ra, dec = around(position[0]), position[1]
        return Positions(("ra", "dec"), [Position(ra, dec, None, (f"{ra:.6f}", f"{dec:.6f}"))])
    from galaxy_core.catalogues.sesame import resolve_name

    place = resolve_name(str(name))
    say(f"{place.name} lies at {place.ra:.6f}, {place.dec:+.6f}")
    row = (place.name, f"{place.ra:.6f}", f"{place.dec:.6f}")
    return Positions(("name", "ra", "dec"), [Position(place.ra, place.dec, None, row)])
