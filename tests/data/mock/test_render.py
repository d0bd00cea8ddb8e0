"""Each class shows what its name says, and chance comes from the seed alone."""

import numpy as np
import pytest

from galaxy_core.data.mock import ELEMENTS, MockGalaxy, legacy_rgb, make_mock_galaxies, render
from galaxy_core.data.mock.bodies import Colour, Pose, paint_sersic
from galaxy_core.data.mock.colour import surface_flux
from galaxy_core.data.mock.galaxy import mock_galaxy
from galaxy_core.data.mock.scene import CENTRE, SIZE, Scene, element_masks, patch, seen
from galaxy_core.errors import BadValueError

SMOOTH = (2, 3, 4)
N_EACH = 6


@pytest.fixture(scope="module")
def galaxies() -> dict[int, list[MockGalaxy]]:
    return {label: [mock_galaxy(5, 10 * k + label) for k in range(N_EACH)] for label in range(10)}


def mask(galaxy: MockGalaxy, element: str) -> np.ndarray:
    return (galaxy.masks >> ELEMENTS.index(element)) & 1 == 1


def axis_ratio(galaxy: MockGalaxy) -> float:
    """Measured from the second moments of the galaxy's own pixels."""
    covariance = np.cov(np.stack(np.nonzero(mask(galaxy, "galaxy"))))
    short, long = np.linalg.eigvalsh(covariance)
    return float(np.sqrt(short / long))


def test_shapes_and_types_are_those_promised(galaxies: dict[int, list[MockGalaxy]]) -> None:
    for label, series in galaxies.items():
        galaxy = series[0]
        assert (galaxy.flux.shape, galaxy.flux.dtype) == ((256, 256, 3), np.float32)
        assert (galaxy.image.shape, galaxy.image.dtype) == ((256, 256, 3), np.uint8)
        assert (galaxy.masks.shape, galaxy.masks.dtype) == ((256, 256), np.uint16)
        assert galaxy.label == label
        assert np.isfinite(galaxy.flux).all()


def test_the_image_is_the_legacy_picture_of_the_flux(galaxies: dict[int, list[MockGalaxy]]) -> None:
    np.testing.assert_array_equal(galaxies[5][0].image, legacy_rgb(galaxies[5][0].flux))


def test_the_same_seed_gives_the_same_pixels_and_another_seed_others() -> None:
    first, again, other = (render(6, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.flux, again.flux)
    np.testing.assert_array_equal(first.masks, again.masks)
    assert first.parameters == again.parameters
    assert not np.array_equal(first.image, other.image)


def test_galaxy_i_does_not_depend_on_how_many_are_asked_for() -> None:
    short, long = list(make_mock_galaxies(2, 7)), list(make_mock_galaxies(4, 7))
    for one, same in zip(short, long, strict=False):
        np.testing.assert_array_equal(one.flux, same.flux)


def test_classes_take_turns() -> None:
    assert [galaxy.label for galaxy in make_mock_galaxies(12, 0)] == [*range(10), 0, 1]


def test_smooth_galaxies_have_no_arms_bar_or_dust(galaxies: dict[int, list[MockGalaxy]]) -> None:
    for label in SMOOTH:
        for galaxy in galaxies[label]:
            assert mask(galaxy, "bulge").any()
            for element in ("arms", "bar", "dust", "disk", "tidal"):
                assert not mask(galaxy, element).any(), (label, element)


@pytest.mark.parametrize(
    ("label", "elements"),
    [
        (1, ["companion"]),
        (5, ["bar", "arms", "disk"]),
        (6, ["arms", "disk", "bulge"]),
        (7, ["arms", "disk"]),
        (8, ["disk"]),
        (9, ["disk", "bulge"]),
    ],
)
def test_a_class_shows_the_elements_it_is_named_for(
    galaxies: dict[int, list[MockGalaxy]], label: int, elements: list[str]
) -> None:
    for galaxy in galaxies[label]:
        for element in elements:
            assert mask(galaxy, element).sum() > 5, element


def test_only_barred_spirals_have_bars(galaxies: dict[int, list[MockGalaxy]]) -> None:
    with_bar = {label for label, series in galaxies.items() for galaxy in series if mask(galaxy, "bar").any()}
    assert with_bar == {5}


def test_no_bulge_means_no_bulge(galaxies: dict[int, list[MockGalaxy]]) -> None:
    assert not any(mask(galaxy, "bulge").any() for galaxy in galaxies[8])


def test_measured_axis_ratios_order_round_in_between_cigar_edge_on(
    galaxies: dict[int, list[MockGalaxy]],
) -> None:
    median = {label: np.median([axis_ratio(galaxy) for galaxy in galaxies[label]]) for label in (2, 3, 4, 8)}
    assert median[2] > 0.85 > median[3] > 0.5 > median[4] > 0.33 > median[8]


def test_the_galaxy_covers_the_image_centre(galaxies: dict[int, list[MockGalaxy]]) -> None:
    for label in set(range(10)) - {1}:  # a merging pair may be centred on the gap
        for galaxy in galaxies[label]:
            assert mask(galaxy, "galaxy")[126:130, 126:130].any()


def test_masks_lie_where_the_light_is(galaxies: dict[int, list[MockGalaxy]]) -> None:
    for series in galaxies.values():
        for galaxy in series:
            brightness = galaxy.image.mean(axis=2)
            assert brightness[mask(galaxy, "galaxy")].mean() > 1.4 * brightness[galaxy.masks == 0].mean()


def test_bulges_are_redder_than_arms(galaxies: dict[int, list[MockGalaxy]]) -> None:
    def blueness(galaxy: MockGalaxy, element: str) -> float:
        g, r = galaxy.flux[mask(galaxy, element)].sum(axis=0)[:2]
        return float(g / r)

    for galaxy in galaxies[6]:
        assert blueness(galaxy, "arms") > blueness(galaxy, "bulge")


@pytest.mark.parametrize("label", [-1, 10, True, "5"])
def test_an_unknown_class_is_refused_by_value_and_rule(label: object) -> None:
    with pytest.raises(BadValueError, match=r"from 0 to 9, got "):
        render(label, np.random.default_rng(0))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("n", "seed", "words"), [(0, 1, "n must be at least 1, got 0"), (1, -4, "seed must be 0")]
)
def test_a_bad_count_or_seed_is_refused_at_the_call(n: int, seed: int, words: str) -> None:
    with pytest.raises(BadValueError, match=words):
        make_mock_galaxies(n, seed)


def test_an_empty_scene_has_empty_masks() -> None:
    assert not element_masks({}, 0.01).any()


def test_a_pixel_belongs_to_what_makes_a_fifth_of_its_light() -> None:
    light = {name: np.zeros((SIZE, SIZE), np.float32) for name in ("bulge", "disk")}
    light["bulge"][0, :3] = [1.0, 1.0, 0.001]
    light["disk"][0, :3] = [0.1, 0.5, 0.0]
    masks = element_masks(light, sky_sigma=0.01)
    galaxy, bulge, disk = (1 << ELEMENTS.index(name) for name in ("galaxy", "bulge", "disk"))
    assert masks[0, :4].tolist() == [galaxy | bulge, galaxy | bulge | disk, 0, 0]


def test_blur_keeps_the_light_and_has_the_stated_width() -> None:
    point = np.zeros((SIZE, SIZE), np.float32)
    point[128, 128] = 1
    image = seen(point, 5.0)
    assert image.sum() == pytest.approx(1, abs=2e-3)
    assert image[128, 130:132].mean() / image[128, 128] == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("lopsided", [0.0, 0.4, -0.4])
def test_a_painted_body_fades_out_before_its_patch_ends(lopsided: float) -> None:
    scene = Scene()
    pose = Pose(CENTRE, CENTRE, 0.4, 1.0)
    paint_sersic(scene, "disk", pose, 8.0, 1.0, 21.0, Colour(0.6, 0.5), lopsided)
    r_flux = scene.flux[1]
    steps_to_dark = np.concatenate([np.abs(np.diff(r_flux, axis=axis)).ravel() for axis in (0, 1)])
    ends = np.concatenate([(r_flux[1:] == 0).ravel(), (r_flux[:, 1:] == 0).ravel()])
    assert steps_to_dark[ends].max() < surface_flux(28.0)


def test_a_patch_outside_the_image_is_empty() -> None:
    assert patch(-50, CENTRE, 0.3, 10).u.size == 0
