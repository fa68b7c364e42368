"""`giao search`, `giao match` and `giao export`: what is public, in the shapes other programs rely on."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from marketplace.work import begin
from tests.commands.conftest import Giao, row

DEMAND = {
    "id": "d1", "kind": "demand", "title": "Cần máy sấy lúa bằng trấu", "text": "Sấy lúa ướt ở ruộng, đốt trấu.",
    "lang": "vi",
}  # fmt: skip


@pytest.fixture(scope="module")
def stocked_folder(migrated_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An exchange with two offers and a demand, filled once and copied for each test."""
    giao = Giao(tmp_path_factory.mktemp("stocked"))
    shutil.copytree(migrated_folder, giao.folder, dirs_exist_ok=True)
    offers = [
        row(1, "Máy sấy lúa bằng trấu", "Sấy lúa ướt, đốt trấu, năm tấn một mẻ."),
        row(2, "Cảm biến độ mặn cho ao tôm"),
    ]
    for owner, rows in (("Viện A", offers), ("Hợp tác xã B", [DEMAND])):
        path = giao.file("listings.jsonl", rows)
        assert giao("import", path, "--owner", owner, "--create-owner", "--publish").exit_code == 0
    return giao.folder


@pytest.fixture
def stocked(stocked_folder: Path, tmp_path: Path) -> Giao:
    shutil.copytree(stocked_folder, tmp_path, dirs_exist_ok=True)
    return Giao(tmp_path)


def test_the_shape_of_a_search(stocked: Giao) -> None:
    found = stocked.json("search", "may say lua", "--kind", "offer")
    assert set(found) == {"total", "items", "facets"}
    assert found["total"] == 1
    (item,) = found["items"]
    assert {"uid", "kind", "title", "score"} <= set(item)
    assert (item["kind"], item["title"]) == ("offer", "Máy sấy lúa bằng trấu")
    assert item["uid"].startswith("local:offer:")
    assert found["facets"]["kind"]["offer"] == 1


def test_a_search_reads_well_in_a_terminal(stocked: Giao) -> None:
    lines = stocked("search", "máy sấy").stdout.splitlines()
    assert lines[0] == "2 found"
    assert all(line.split()[1].startswith("local:") for line in lines[1:])


def test_what_was_searched_instead_is_said(stocked: Giao) -> None:
    result = stocked("search", "trauu", "--json")
    assert json.loads(result.stdout)["total"] >= 1
    assert "this was searched: " in result.stderr


def uid_of(giao: Giao, text: str, kind: str) -> str:
    return str(giao.json("search", text, "--kind", kind)["items"][0]["uid"])


def test_the_shape_of_a_match(stocked: Giao) -> None:
    demand = uid_of(stocked, "sấy lúa", "demand")
    found = stocked.json("match", demand, "--limit", "5")
    assert set(found) == {"items", "model_version"}
    best = found["items"][0]
    assert set(best) == {"uid", "score", "signals", "gates", "would_lift"}
    assert best["uid"] == uid_of(stocked, "máy sấy", "offer")
    assert round(sum(signal["points"] for signal in best["signals"]), 3) == best["score"]
    for signal in best["signals"]:
        assert set(signal) == {"name", "points", "of", "demand", "offer"}
        assert 0 <= signal["points"] <= signal["of"]
        assert all(isinstance(signal[side], str) for side in ("demand", "offer"))
    assert [gate for gate in best["gates"] if not gate["passed"]] == []


def test_a_match_is_asked_from_either_side(stocked: Giao) -> None:
    demand, offer = uid_of(stocked, "sấy lúa", "demand"), uid_of(stocked, "máy sấy", "offer")
    one, other = stocked.json("match", demand)["items"][0], stocked.json("match", offer)["items"][0]
    assert (one["uid"], other["uid"]) == (offer, demand)
    assert (one["score"], one["signals"]) == (other["score"], other["signals"])


def test_a_match_reads_well_in_a_terminal(stocked: Giao) -> None:
    lines = stocked("match", uid_of(stocked, "sấy lúa", "demand")).stdout.splitlines()
    assert "Máy sấy lúa bằng trấu" in lines[0]
    assert " of " in lines[1]


def test_a_listing_nobody_knows_is_said(stocked: Giao) -> None:
    result = stocked("match", "local:offer:none")
    assert (result.exit_code, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) == 1


def test_exported_lines_are_whole_records(stocked: Giao) -> None:
    path = stocked.folder / "out.jsonl"
    assert stocked("export", "--output", path).exit_code == 0
    assert stocked("export").stdout == path.read_text(encoding="utf-8")
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert sorted(record["kind"] for record in records) == ["demand", "offer", "offer"]
    assert all(record["content"]["texts"]["vi"]["title"] for record in records)


def test_an_exported_table_is_for_people(stocked: Giao) -> None:
    text = stocked("export", "--format", "csv", "--kind", "offer").stdout
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [one["title"] for one in rows] == ["Máy sấy lúa bằng trấu", "Cảm biến độ mặn cho ao tôm"]
    assert {one["organisation"] for one in rows} == {"Viện A"}


@pytest.mark.parametrize("ending", ["jsonl", "csv", "xlsx"])
def test_what_was_exported_is_imported_by_another_organisation(stocked: Giao, ending: str) -> None:
    path = stocked.folder / f"out.{ending}"
    assert stocked("export", "--format", ending, "--output", path).exit_code == 0
    result = stocked("import", path, "--owner", "Viện B", "--create-owner", "--publish")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "3 created, 0 revised, 0 unchanged, 0 refused."


@pytest.mark.parametrize("wrong", [{"BASE_URL": "foo"}, {"DATABASE_URL": "sqlite:////dev/null/giao.db"}])
def test_an_export_that_fails_leaves_the_one_before(stocked: Giao, wrong: dict[str, str]) -> None:
    path = stocked.folder / "old.jsonl"
    path.write_text("precious", encoding="utf-8")
    beside = set(stocked.folder.iterdir())
    stocked.settings |= wrong
    assert stocked("export", "--output", path).exit_code == 3
    assert path.read_text(encoding="utf-8") == "precious"
    assert set(stocked.folder.iterdir()) == beside


def test_an_export_that_stops_halfway_leaves_the_one_before(stocked: Giao) -> None:
    path = stocked.folder / "old.jsonl"
    path.write_text("precious", encoding="utf-8")
    with stocked.runtime() as runtime, begin(runtime) as work:
        work.session.execute(text("UPDATE published SET body = '{}' WHERE kind = 'demand'"))
    assert stocked("export", "--format", "csv", "--output", path).exit_code == 1
    assert path.read_text(encoding="utf-8") == "precious"
    assert not list(stocked.folder.glob(".old*"))


def test_an_export_takes_the_place_of_the_one_before_when_it_is_whole(stocked: Giao) -> None:
    path, link = stocked.folder / "old.jsonl", stocked.folder / "link.jsonl"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)
    link.symlink_to(path)
    assert stocked("export", "--output", link).exit_code == 0
    assert link.is_symlink()
    assert len(path.read_text(encoding="utf-8").splitlines()) == 3
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_folder_that_is_not_there_is_said(stocked: Giao) -> None:
    result = stocked("export", "--output", "/nowhere/out.jsonl")
    assert (result.exit_code, result.stderr.count("Traceback")) == (1, 0)
    assert "/nowhere/out.jsonl" in result.stderr


def test_an_export_may_go_to_a_device(stocked: Giao) -> None:
    done = stocked.apart("export", "--output", "/dev/stdout")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 3)


def test_what_is_no_longer_public_is_not_exported(stocked: Giao) -> None:
    assert stocked("export", "--kind", "initiative").stdout == ""
