"""The bench of access: its table says what it measured; it is run by hand."""

from bench.access import Cost, told


def test_the_table_gives_each_part_and_the_share_of_the_token_check() -> None:
    table = told([Cost("sqlite", "person's app", 20.0, 30.0, 200.0)])
    assert table.splitlines()[-1] == "| sqlite | person's app | 20 | 30 | 150 | 200 | 10% |"
