"""A folder of labelled pictures becomes a Galaxy10 file, or an error that names the line."""

import numpy as np
import pytest
from PIL import Image

from galaxy_core.data.classes import GALAXY10, Classes
from galaxy_core.data.folder import import_folder
from galaxy_core.data.galaxy10 import classes_of, open_galaxies
from galaxy_core.errors import BadFileError, BadValueError, MissingError


def save(path, size, value=100):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((*size, 3), value, np.uint8)).save(path)


@pytest.fixture
def folder(tmp_path):
    save(tmp_path / "in" / "a.png", (256, 256), 10)
    save(tmp_path / "in" / "images" / "b.png", (512, 512), 20)
    save(tmp_path / "in" / "c.jpg", (128, 200), 30)
    return tmp_path / "in"


@pytest.fixture
def imported(tmp_path, folder):
    def run(lines, **options):
        (tmp_path / "labels.csv").write_text("\n".join(lines) + "\n", "utf-8")
        asked = {"classes": GALAXY10, **options}
        return import_folder(folder, tmp_path / "labels.csv", tmp_path / "out.h5", **asked)

    return run


def test_a_folder_becomes_a_file_that_opens(tmp_path, imported):
    lines = [
        "label,file,ra,dec,redshift,pxscale,remark",
        "0,a.png,10,-5,0.1,,whatever",
        "Round Smooth Galaxies,b.png,,,,0.1,",
        'edge on WITH bulge,"images/../c.jpg",359.5,90,,,',
    ]
    summary = imported(lines)
    assert summary.n_images == 3
    assert summary.class_counts == (1, 0, 1, 0, 0, 0, 0, 0, 0, 1)
    assert (summary.n_cropped, summary.n_resized, summary.n_without_position) == (1, 2, 1)
    galaxies = open_galaxies(tmp_path / "out.h5", cache_folder=tmp_path)
    assert galaxies.origin == "imported"
    assert galaxies.labels.tolist() == [0, 2, 9]
    assert np.abs(galaxies.images.astype(int).mean((1, 2, 3)) - (10, 20, 30)).max() < 1
    np.testing.assert_array_equal(galaxies.ra, [10, np.nan, 359.5])
    np.testing.assert_array_equal(galaxies.dec, [-5, np.nan, 90])
    np.testing.assert_array_equal(galaxies.redshift, [0.1, np.nan, np.nan])
    np.testing.assert_allclose(galaxies.pixel_scale, [np.nan, 0.2, np.nan])  # never guessed by the size
    assert summary.pixel_scales == {"0.2": 1, "unknown": 2}


def test_only_file_and_label_are_needed(imported):
    assert imported(["file,label", "a.png,3", "", "c.jpg,4"]).n_images == 2


@pytest.mark.parametrize(
    ("lines", "error", "words"),
    [
        ([""], BadFileError, "no column 'file'"),
        (["file,class", "a.png,1"], BadFileError, "no column 'label'"),
        (["file,label,label", "a.png,1,1"], BadFileError, "column 'label' 2 times"),
        (["file,label"], BadFileError, "no line below its header"),
        (["file,label", "a.png,1", "b.png,10"], BadFileError, "line 3: label '10' is no class"),
        (["file,label", "a.png,-1"], BadFileError, "line 2: label '-1'"),
        (
            ["file,label", "a.png,Spiral"],
            BadFileError,
            "line 2: label 'Spiral' is no class; give 0 to 9 or one of Dist",
        ),
        (["file,label", "a.png"], BadFileError, "line 2: label '' is no class"),
        (["file,label", "a.png,1,2"], BadFileError, "line 2 has more values than the header"),
        (["file,label", "a.png,²"], BadFileError, "line 2: label"),
        (["file,label", "d.png,1"], MissingError, "line 2: file 'd.png' is neither in"),
        (["file,label", "n" * 300 + ",1"], MissingError, "line 2: file 'nnn.* is neither"),
        (["file,label", ",1"], BadFileError, "line 2: the file name '' is no name"),
        (["file,label", "../labels.csv,1"], BadFileError, "line 2: file '../labels.csv' leads out of"),
        (["file,label", "/etc/passwd,1"], BadFileError, "line 2: file '/etc/passwd' leads out of"),
        (["file,label", "images,1"], MissingError, "line 2: file 'images' is neither"),
        (
            ["file,label", "a.png,1", "b.png,1", "./a.png,2"],
            BadFileError,
            "line 4: file 'a.png' was labelled in line 2",
        ),
        (
            ["file,label", "b.png,1", "images/b.png,2"],
            BadFileError,
            "line 3: file 'b.png' was labelled in line 2",
        ),
        (
            ["file,label,ra", "a.png,1,400"],
            BadFileError,
            r"line 2: ra must be a finite number in \[0, 360\], got 400",
        ),
        (["file,label,dec", "a.png,1,x"], BadFileError, "line 2: dec 'x' is no number"),
        (["file,label,redshift", "a.png,1,inf"], BadFileError, "line 2: redshift must be"),
        (["file,label,pxscale", "a.png,1,0"], BadFileError, "line 2: pxscale must be above 0"),
        (["file,label", '"a.png,1'], BadFileError, "is no CSV"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_written(tmp_path, imported, lines, error, words):
    with pytest.raises(error, match=words):
        imported(lines)
    assert not (tmp_path / "out.h5").exists()


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path, folder, imported):
    save(tmp_path / "secret.png", (256, 256))
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(BadFileError, match=r"'link\.png' leads out of"):
        imported(["file,label", "link.png,1"])


def test_a_picture_that_cannot_be_decoded_is_named_with_its_line_and_nothing_is_left(
    tmp_path, folder, imported
):
    (folder / "d.png").write_bytes((folder / "a.png").read_bytes()[:100])
    with pytest.raises(BadFileError, match=r"line 3 of the labels: .*d\.png cannot be decoded whole"):
        imported(["file,label", "a.png,1", "d.png,1"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "labels.csv"]


def test_what_exists_is_replaced_only_when_asked(tmp_path, imported):
    (tmp_path / "out.h5").write_text("precious")
    with pytest.raises(BadValueError, match="exists already"):
        imported(["file,label", "a.png,1"])
    assert (tmp_path / "out.h5").read_text() == "precious"
    assert imported(["file,label", "a.png,1"], overwrite=True).n_images == 1


def test_a_csv_that_is_not_there_or_no_text_is_named(tmp_path, folder):
    with pytest.raises(MissingError, match=r"nothing\.csv does not exist"):
        import_folder(folder, tmp_path / "nothing.csv", tmp_path / "out.h5")
    (tmp_path / "bad.csv").write_bytes(b"file,label\n\xff\xfe,1\n")
    with pytest.raises(BadFileError, match="not text in UTF-8"):
        import_folder(folder, tmp_path / "bad.csv", tmp_path / "out.h5")
    (tmp_path / "bad.csv").write_text("file,label\n")
    with pytest.raises(MissingError, match=r"folder of images .* does not exist"):
        import_folder(tmp_path / "nowhere", tmp_path / "bad.csv", tmp_path / "out.h5")


def test_progress_counts_pictures(imported):
    seen = []
    imported(["file,label", "a.png,1", "c.jpg,2"], progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]


def test_names_that_are_none_of_galaxy10_are_the_classes_of_the_file(tmp_path, imported):
    summary = imported(["file,label", "a.png,spiral", "b.png,Merger", "c.jpg,Spiral"], classes=None)
    assert (list(summary.classes), summary.class_counts) == (["Merger", "spiral"], (1, 2))
    galaxies = open_galaxies(tmp_path / "out.h5", cache_folder=tmp_path)
    assert list(galaxies.classes) == ["Merger", "spiral"]
    assert galaxies.labels.tolist() == [1, 0, 1]


def test_classes_that_are_given_set_the_order_and_what_a_number_means(tmp_path, imported):
    summary = imported(
        ["file,label", "a.png,2", "b.png,elliptical"], classes=Classes(["x", "elliptical", "y"])
    )
    assert summary.class_counts == (0, 1, 1)
    assert classes_of(tmp_path / "out.h5") == Classes(["x", "elliptical", "y"])


@pytest.mark.parametrize("labels", [("Barred Spiral", "ring"), ("3", "ring"), ("ring", "")])
def test_names_beside_those_of_galaxy10_are_not_guessed(imported, labels):
    with pytest.raises(BadFileError, match=r"line \d: label '(ring)?' is no class; .*--classes A,B,C"):
        imported(["file,label", f"a.png,{labels[0]}", f"b.png,{labels[1]}"], classes=None)


def test_a_file_with_galaxy10s_labels_says_so(tmp_path, imported):
    assert imported(["file,label", "a.png,3", "b.png,barred spiral"]).classes == GALAXY10
    assert classes_of(tmp_path / "out.h5") == GALAXY10
