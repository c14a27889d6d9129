"""The files in `docs/journey` are what the builders make. `make golden` rewrites them."""

from tests.journeys import june


def test_what_the_calls_of_the_readme_send_is_what_the_builders_make(rewrite_golden: bool) -> None:  # noqa: FBT001
    if rewrite_golden:
        june.write()
    assert {path.name: path.read_text(encoding="utf-8") for path in june.FOLDER.iterdir()} == june.files()
