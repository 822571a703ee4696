"""The keys of queries and the groups in which they are reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from tvdrnet_nv.datasets import Referral
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.evaluation import queries_of, query_key

FILE = Path("file.json")
TABLE = """id,raw_category,nyu40id
2,chair,5
10,office chair,5
4,table,7
50,printer,40
39,cup,40
9,nothing,
""".replace(",", "\t")


def scanrefer(scene: str, number: int, name: str, annotation: str = "0") -> Referral:
    return Referral(scene, (number,), "it", "scanrefer", name, number=annotation)


def test_keys_by_hand() -> None:
    assert query_key(scanrefer("scene0000_00", 34, "chair", "2"), 7) == "scene0000_00-34-2"
    assert query_key(Referral("s", (4,), "it", "nr3d", number="9012"), 7) == "s-4-9012"
    assert query_key(Referral("s", (4,), "it", "sr3d"), 7) == "s-4-7"
    assert query_key(Referral("7b64", (12, 40), "it", "instruct3d"), 7) == "7b64-12_40-7"
    assert query_key(Referral("s", (), "it", "reason3d", class_id=3), 7) == "s-7"


def test_unique_and_multiple_by_classes_not_by_names(tmp_path: Path) -> None:
    # Of scene a, the file has two chairs of different names, a table with two sentences, and a printer. Of scene b a
    # printer and a cup: both are of no named class, and so of one class. "spoon" is not in the table, like them.
    table = tmp_path / "table.tsv"
    table.write_text(TABLE)
    referrals = [
        scanrefer("a", 1, "chair"),
        scanrefer("a", 2, "office chair"),
        scanrefer("a", 3, "table"),
        scanrefer("a", 3, "table", "1"),
        scanrefer("a", 4, "printer"),
        scanrefer("b", 1, "printer"),
        scanrefer("b", 2, "cup"),
        scanrefer("c", 1, "spoon"),
    ]
    groups = [query.groups for query in queries_of(FILE, referrals, table)]
    assert groups == [(name,) for name in ["multiple"] * 2 + ["unique"] * 3 + ["multiple"] * 2 + ["unique"]]
    assert [query.groups for query in queries_of(FILE, referrals)] == [()] * 8
    table.write_text("a\tb\n1\t2\n")
    with pytest.raises(InputError, match="is no table with columns raw_category and nyu40id"):
        queries_of(FILE, referrals, table)


@pytest.mark.parametrize(
    ("alike", "text", "words", "named", "wanted"),
    [
        (2, "The chair to the left", (), True, ("easy", "view-dependent", "class named")),
        (3, "the chair near the door", (), False, ("hard", "view-independent")),
        (None, "leftover chair", (), None, ("view-independent",)),
        (2, "x", ("facing", "it"), None, ("easy", "view-dependent")),
    ],
)
def test_the_groups_of_referit3d(
    alike: int | None, text: str, words: tuple[str, ...], named: bool | None, wanted: tuple[str, ...]
) -> None:
    referral = Referral("s", (1,), text, "nr3d", number="1", alike=alike, words=words, names_class=named)
    assert queries_of(FILE, [referral])[0].groups == wanted


def test_two_entries_of_one_key_are_refused() -> None:
    with pytest.raises(InputError, match="has two entries of a-1-0"):
        queries_of(FILE, [scanrefer("a", 1, "chair"), scanrefer("a", 1, "chair")])
