"""A sentence model from a folder. The model is a tiny one made here: the mean of a vector for each word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from marketplace.encoder import ModelRefused
from marketplace.sentence_model import SentenceModel, opened
from tests.support.tiny_model import VECTORS, network, tiny, tokenizer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny(tmp_path)


def habits(folder: Path, **said: Any) -> SentenceModel:
    (folder / "giao.json").write_text(json.dumps(said), encoding="utf-8")
    return opened(folder)


def cosine(model: SentenceModel, one: str, other: str) -> float:
    first, second = model.encode([one, other]).astype(np.int64)
    return float(first @ second) / 127**2


def test_texts_that_mean_the_same_lie_near_each_other_across_languages(folder: Path) -> None:
    model = opened(folder)
    assert model.dimension == 3
    assert cosine(model, "salinity", "mặn") == pytest.approx(1)
    assert cosine(model, "salinity", "lúa") == pytest.approx(0)
    assert cosine(model, "salinity rice", "mặn") == pytest.approx(0.7071, abs=0.01)


def test_what_fills_up_a_shorter_text_changes_nothing(folder: Path) -> None:
    model = opened(folder)
    alone, beside = model.encode(["mặn"])[0], model.encode(["mặn", "rice rice rice rice"])[0]
    assert alone.tolist() == beside.tolist()


@pytest.mark.parametrize("count", [0, 1, 40])
def test_many_texts_are_as_many_rows_and_an_empty_one_is_near_nothing(folder: Path, count: int) -> None:
    rows = opened(folder).encode(["rice", " "] * count)
    assert rows.shape == (2 * count, 3)
    assert not rows[1::2].any()


def test_a_model_is_asked_as_its_makers_say(folder: Path) -> None:
    plain = opened(folder)
    model = habits(folder, query_prefix="query: ", pooling="cls", max_length=1, languages=["vi"])
    assert model.encode(["rice"], "query")[0].tolist() == [0, 0, 127]
    assert model.encode(["rice salinity"])[0].tolist() == [0, 127, 0]
    assert (model.speaks("vi"), model.speaks("en")) == (True, False)
    assert model.version != plain.version


def test_a_model_that_does_not_say_what_it_is_good_for_is_asked_about_english_only(folder: Path) -> None:
    model = opened(folder)
    assert (model.speaks("en"), model.speaks("vi")) == (True, False)


def beside(folder: Path, name: str, **said: Any) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(said), encoding="utf-8")


def test_what_its_makers_say_is_read_and_our_own_file_stands_above_it(folder: Path) -> None:
    beside(folder, "1_Pooling/config.json", pooling_mode_cls_token=True, pooling_mode_mean_tokens=False)
    beside(folder, "sentence_bert_config.json", max_seq_length=1)
    assert opened(folder).encode(["rice salinity salinity"])[0].tolist() == [0, 127, 0]
    assert habits(folder, pooling="mean", max_length=2).encode(["rice salinity"])[0].tolist() == [90, 90, 0]


def test_a_model_from_elsewhere_that_fills_up_to_a_fixed_length_is_not_slowed_down_by_it(
    folder: Path,
) -> None:
    read = tokenizer()
    read.enable_padding(length=128, pad_id=1, pad_token="[PAD]")
    read.save(str(folder / "tokenizer.json"))
    model = opened(folder)
    assert model.tokenizer.padding["length"] is None
    assert model.encode(["mặn", "rice rice"])[0].tolist() == [127, 0, 0]


def test_the_network_may_stand_in_a_folder_of_its_own(folder: Path) -> None:
    (folder / "model.onnx").unlink()
    network(folder / "onnx" / "model.onnx")
    assert opened(folder).dimension == 3


def test_the_same_files_are_the_same_version(folder: Path) -> None:
    before = opened(folder).version
    assert opened(folder).version == before
    network(folder / "model.onnx", VECTORS + 1)
    assert opened(folder).version != before


# -- refused, each with a sentence ---------------------------------------------------------------------------------


def refused(folder: Path) -> str:
    with pytest.raises(ModelRefused) as error:
        opened(folder)
    return str(error.value)


def test_a_folder_that_is_none_or_lacks_a_file(folder: Path) -> None:
    assert "no folder" in refused(folder / "nowhere")
    (folder / "tokenizer.json").unlink()
    assert "no tokenizer.json" in refused(folder)
    (folder / "model.onnx").unlink()
    assert "no model.onnx nor onnx/model.onnx" in refused(folder)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
@pytest.mark.parametrize("left", [0, 0.5])
def test_a_file_that_was_cut_short(folder: Path, name: str, left: float) -> None:
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: int(len(whole) * left)])
    assert name in refused(folder)


@pytest.mark.parametrize(
    "said", ["{", "[]", '{"pooling": "max"}', '{"max_length": 0}', '{"max_lenght": 5}', '{"languages": 3}']
)
def test_habits_that_are_none(folder: Path, said: str) -> None:
    (folder / "giao.json").write_text(said, encoding="utf-8")
    assert "giao.json cannot be read" in refused(folder)


def test_a_network_that_is_no_sentence_model(folder: Path) -> None:
    network(folder / "model.onnx", reads="pixels")
    assert "does not answer as a sentence model does" in refused(folder)
