from datetime import date
from decimal import Decimal

import pytest

from fhir_gateway.sync.column_map import UnusableMap
from fhir_gateway.sync.payment_list import id_of, resource_of, wanted
from mappings.lens import shape
from mappings.namespaces import ODS_CODE
from mappings.payment_reconciliation import MAPPING, PaymentListRow
from tests.fhir_gateway.sync.builders import a_map, amounts_of, refusals_of, rows_of

GOOD = "30/09/2020,Example Care Ltd,Personal health budget,1001,1250.00\n"


def only(text: str, *changes: tuple[str, str]) -> PaymentListRow:
    rows, row = rows_of(text, a_map(*changes))[0]
    tree, _, faults = resource_of("example.csv", rows, row)
    assert faults == []
    assert tree is not None
    shape.judge(tree, expected_type="PaymentReconciliation")
    return MAPPING.from_fhir(tree)


def test_a_row_becomes_a_payment_list_row() -> None:
    record = only(GOOD)
    assert (record.list_id, record.paid_on, record.amount_pence) == ("example/example.csv", date(2020, 9, 30), 125000)
    assert (record.payee_name, record.purpose, record.payment_ref) == (
        "Example Care Ltd",
        "Personal health budget",
        "1001",
    )
    assert (record.issuer, record.issuer_name) == (f"{ODS_CODE}|93C", "An example body")


def test_a_credit_note_stays_below_zero() -> None:
    assert amounts_of(GOOD.replace("1250.00", "-50336.0")) == [Decimal("-50336.00")]


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("1250", "1250.00"),
        ("0.5", "0.50"),
        ('"1,234,567.89"', "1234567.89"),
        ('"(1,250.00)"', "-1250.00"),
        ("£12.30", "12.30"),
        ("-£12.30", "-12.30"),
        ("35075.000", "35075.00"),
        (" 7.10 ", "7.10"),
        ("0.00", "0.00"),
    ],
)
def test_an_amount_is_read_exactly(cell: str, amount: str) -> None:
    assert amounts_of(GOOD.replace("1250.00", cell)) == [Decimal(amount)]


@pytest.mark.parametrize(
    "cell", ['"1,23.45"', "12.345", "1e3", "12.3.4", "(-5.00)", "five", "$5.00", "5-", "NaN", "٣", "--5"]
)
def test_an_amount_that_is_none_is_refused_and_not_repeated(cell: str) -> None:
    [(line, column, reason)] = refusals_of(GOOD.replace("1250.00", cell))
    assert (line, column) == (2, "Amount")
    assert reason in {"not an amount written as the map says", "not a whole number of pence"}


def test_signs_are_turned_where_the_map_says_so() -> None:
    turned = a_map(('column = "Amount"', 'column = "Amount"\nsign = "negate"'))
    assert amounts_of(GOOD, turned) == [Decimal("-1250.00")]


TWO = ('column = "Amount"', 'debit = "Amount"\ncredit = "Number"')


@pytest.mark.parametrize(
    ("debit", "credit", "amount"), [("5.00", "", "5.00"), ("", "5.00", "-5.00"), ("5.00", "0.00", "5.00")]
)
def test_debit_and_credit_columns_make_one_amount(debit: str, credit: str, amount: str) -> None:
    text = f"30/09/2020,Example Care Ltd,Budget,{credit},{debit}\n"
    assert amounts_of(text, a_map(TWO, ('reference = "Number"', ""))) == [Decimal(amount)]


@pytest.mark.parametrize(
    ("debit", "credit", "reason"),
    [("5.00", "1.00", "debit and credit are both filled"), ("", "", "neither debit nor credit is filled")],
)
def test_debit_and_credit_must_not_contradict(debit: str, credit: str, reason: str) -> None:
    text = f"30/09/2020,Example Care Ltd,Budget,{credit},{debit}\n"
    assert refusals_of(text, a_map(TWO, ('reference = "Number"', ""))) == [(2, "Number", reason)]


@pytest.mark.parametrize("day", ["31/02/2020", "2020-09-30", "yesterday", "30/09/20"])
def test_a_day_the_map_does_not_know_is_refused(day: str) -> None:
    assert refusals_of(GOOD.replace("30/09/2020", day)) == [(2, "Day", "not a day written as the map says")]


def test_a_day_two_formats_read_differently_is_refused() -> None:
    reason = "two of the map's formats read this day differently"
    assert refusals_of(GOOD.replace("30/09/2020", "04/05/2020")) == [(2, "Day", reason)]


def test_a_day_two_formats_read_alike_is_taken() -> None:
    assert refusals_of(GOOD.replace("30/09/2020", "05/05/2020")) == []


def test_a_line_end_after_a_cell_is_no_part_of_it() -> None:
    assert refusals_of(GOOD.replace("30/09/2020", '"30/09/2020\n"')) == []


def test_a_cell_broken_over_lines_is_refused_where_the_row_begins() -> None:
    text = GOOD + GOOD.replace("Personal health budget", '"Personal\nhealth budget"') + GOOD.replace("1250.00", "x")
    assert [(line, column) for line, column, _ in refusals_of(text)] == [(3, "What"), (5, "Amount")]


def test_a_map_may_keep_text_broken_over_lines() -> None:
    text = GOOD.replace("Personal health budget", '"Personal\nhealth budget"')
    assert only(text, ("[body]", 'line_breaks = "keep"\n\n[body]')).purpose == "Personal\nhealth budget"


@pytest.mark.parametrize(
    "row", ["30/09/2020,Example Care Ltd,Budget,1001,5.00,extra\n", "30/09/2020,Example Care Ltd\n"]
)
def test_a_row_with_more_or_fewer_cells_than_headings_is_refused(row: str) -> None:
    cells = row.count(",") + 1
    assert refusals_of(GOOD + row) == [(3, "", f"{cells} cells under 5 headings: the row is broken or shifted")]


@pytest.mark.parametrize("cell", ["#N/A", "#REF!", "#value!", "#####"])
def test_a_spreadsheet_error_is_refused(cell: str) -> None:
    assert refusals_of(GOOD.replace("Personal health budget", cell)) == [
        (2, "What", "the cell holds a spreadsheet error")
    ]


@pytest.mark.parametrize(
    ("cell", "column"), [("30/09/2020", "Day"), ("Example Care Ltd", "Payee"), ("1250.00", "Amount")]
)
def test_a_cell_that_must_be_filled_is_named(cell: str, column: str) -> None:
    assert refusals_of(GOOD.replace(cell, "")) == [(2, column, "the cell is empty")]


def test_a_transaction_number_may_be_missing() -> None:
    assert refusals_of(GOOD.replace("1001", "")) == []


def test_every_fault_of_a_row_is_told() -> None:
    text = "never,,#N/A,1001,lots\n"
    assert [column for _, column, _ in refusals_of(text)] == ["Payee", "What", "Day", "Amount"]


def test_an_amount_is_known_of_a_row_refused_for_something_else() -> None:
    assert amounts_of(GOOD.replace("30/09/2020", "never")) == [Decimal("1250.00")]


def test_a_byte_of_another_encoding_refuses_its_row_alone() -> None:
    text = GOOD.encode() + GOOD.replace("Example", "Caf\N{LATIN SMALL LETTER E WITH ACUTE}").encode("windows-1252")
    assert refusals_of(text) == [(3, "Payee", "the cell holds a byte that is not utf-8-sig")]


def test_windows_text_is_read_where_the_map_says_so() -> None:
    text = GOOD.replace("Example", "Caf\N{LATIN SMALL LETTER E WITH ACUTE} \N{EN DASH}").encode("windows-1252")
    windows = a_map(("[body]", 'encoding = "windows-1252"\n\n[body]'))
    assert refusals_of(text, windows) == []


def test_a_byte_order_mark_is_no_part_of_the_first_heading() -> None:
    assert len(rows_of(GOOD, headings="\ufeffDay,Payee,What,Number,Amount\n")) == 1


def test_a_quote_that_is_never_closed_is_refused_where_it_opens() -> None:
    [(line, column, reason)] = refusals_of(GOOD + '30/09/2020,"Example,Budget,1001,5.00\n' + GOOD)
    assert (line, column) == (3, "")
    assert reason.startswith("not valid CSV: ")


def test_blank_rows_are_passed_over() -> None:
    assert len(rows_of("\n" + GOOD + ",,,,\n")) == 1


def test_rows_above_the_headings_are_skipped_where_the_map_says_so() -> None:
    titled = a_map(("[body]", "skip = 2\n\n[body]"))
    found = rows_of(GOOD, titled, headings="Payments\n\nDay,Payee,What,Number,Amount\n")
    assert [row.line for _, row in found] == [4]


def test_a_list_without_headings_has_its_columns_named_by_the_map() -> None:
    fixed = a_map(("[body]", 'columns = ["Day", "Payee", "What", "Number", "Amount"]\n\n[body]'))
    assert [row.line for _, row in rows_of(GOOD, fixed, headings="")] == [1]


def test_a_list_the_map_does_not_fit_is_refused_naming_the_column() -> None:
    with pytest.raises(UnusableMap, match="there is no such column") as caught:
        rows_of(GOOD, headings="Date,Payee,What,Number,Amount\n")
    assert (caught.value.line, caught.value.column) == ("1", "Day")


def test_two_columns_of_one_heading_are_refused() -> None:
    with pytest.raises(UnusableMap, match="more than one column has this heading"):
        rows_of(GOOD, headings="Day,Payee,What,Amount,Amount\n")


def test_an_empty_list_is_refused() -> None:
    with pytest.raises(UnusableMap, match="has no headings"):
        rows_of("", headings="")


def test_rules_choose_the_rows() -> None:
    rules = '[[keep]]\ncolumn = "What"\ncontains = ["budget", "payment"]\n\n'
    rules += '[[drop]]\ncolumn = "Payee"\nequals = ["Nobody"]\n'
    chosen = a_map(("[text]", rules + '\n[[keep]]\ncolumn = "Number"\nmatches = "^10"\n\n[text]'))
    text = (
        GOOD + GOOD.replace("1001", "2001") + GOOD.replace("Example Care Ltd", "Nobody") + GOOD.replace("budget", "x")
    )
    assert [wanted(rows, row) for rows, row in rows_of(text, chosen)] == [True, False, False, False]


def test_rows_that_say_the_same_are_all_kept_under_ids_that_do_not_change() -> None:
    once = [id_of("example.csv", rows.column_map, row) for rows, row in rows_of(GOOD * 3)]
    again = [id_of("example.csv", rows.column_map, row) for rows, row in rows_of(GOOD * 3)]
    assert len(set(once)) == 3
    assert once == again


def test_a_row_keeps_its_id_when_others_come_before_it() -> None:
    other = GOOD.replace("1001", "1000")
    alone = id_of("example.csv", a_map(), rows_of(GOOD)[0][1])
    assert id_of("example.csv", a_map(), rows_of(other + GOOD)[1][1]) == alone


def test_the_same_row_of_another_list_is_another_payment() -> None:
    row = rows_of(GOOD)[0][1]
    assert id_of("example.csv", a_map(), row) != id_of("other.csv", a_map(), row)
