"""A table as CSV text."""

from galaxy_core.files.csv_text import csv_text


def test_a_name_that_a_spreadsheet_would_run_is_made_inert_and_numbers_stay_numbers() -> None:
    text = csv_text(("run", "value", "low"), [("=cmd()", -0.5, None)])
    assert text == "run,value,low\n'=cmd(),-0.5,\n"
