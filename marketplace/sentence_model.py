"""A sentence-embedding model from a folder of this machine: ONNX for the network, tokenizer.json for its words.

Imported only by whoever opens one, for the runtime of such models is heavy. Nothing is ever fetched. The folder holds

    model.onnx (or onnx/model.onnx), tokenizer.json, and where it is to be asked otherwise giao.json:
    {"pooling": "mean" | "cls", "max_length": 256, "query_prefix": "", "passage_prefix": "", "languages": ["vi", "en"]}

What giao.json does not say is read from 1_Pooling/config.json and sentence_bert_config.json, where a folder in the form
of Sentence Transformers has them.

Vectors are compared by their angle, so they are brought to length 1 and kept in 127ths.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from marketplace.encoder import Kind, ModelRefused

Vectors = NDArray[np.int8]

STEPS = 127
"""Of a vector's greatest possible part; a cosine is exact to about a hundredth then."""
AT_ONCE = 16
"""Texts that go through the network together."""
POOLINGS = ("mean", "cls")
LONGEST = 8_192
"""Tokens. More than any model reads, and more than should be given to one."""
NAMES = frozenset({"pooling", "max_length", "query_prefix", "passage_prefix", "languages"})
ANSWERS = ("sentence_embedding", "last_hidden_state", "token_embeddings")
"""Names that a network may give its answer, the best first; with other names its first answer is taken."""
PADDINGS = ("[PAD]", "<pad>")
TRIAL, TRIED = "giao", 512
"""A text of as many words as the model is to read, at most so many: some networks fail at long texts only."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How a model wants to be asked, and about which languages. Where that is not said it is taken to know English only,
    as most do: an English model makes matches in Vietnamese worse."""

    pooling: str = "mean"
    max_length: int = 256
    query_prefix: str = ""
    passage_prefix: str = ""
    languages: tuple[str, ...] = ("en",)


@dataclass(frozen=True, eq=False)
class SentenceModel:
    """`version` is the beginning of the SHA-256 of the network, its tokenizer and its habits; `dimension` is that of its
    vectors."""

    habits: Habits
    version: str
    session: Any = field(repr=False)
    tokenizer: Any = field(repr=False)
    dimension: int = 0

    def speaks(self, language: str) -> bool:
        """Whether it may be asked about texts of this language."""
        return language in self.habits.languages

    @property
    def languages(self) -> tuple[str, ...]:
        return self.habits.languages

    def encode(self, texts: Sequence[str], kind: Kind = "passage") -> Vectors:
        """One row a text. An empty text gets a row of noughts, which is near to nothing."""
        rows = [self._some(texts[at : at + AT_ONCE], kind) for at in range(0, len(texts), AT_ONCE)]
        return np.concatenate(rows) if rows else np.zeros((0, self.dimension), np.int8)

    def _some(self, texts: Sequence[str], kind: Kind) -> Vectors:
        prefix = self.habits.query_prefix if kind == "query" else self.habits.passage_prefix
        read = self.tokenizer.encode_batch([prefix + text for text in texts])
        mask = np.array([each.attention_mask for each in read], np.int64)
        given = {
            "input_ids": np.array([each.ids for each in read], np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        wanted = {one.name for one in self.session.get_inputs()}
        outputs = [one.name for one in self.session.get_outputs()]
        answer = next((name for name in ANSWERS if name in outputs), outputs[0])
        (hidden,) = self.session.run(
            [answer], {name: value for name, value in given.items() if name in wanted}
        )
        said = np.array([bool(text.strip()) for text in texts])[:, None]
        return _quantised(_pooled(hidden, mask, self.habits.pooling) * said)


def opened(folder: Path) -> SentenceModel:
    """The model of a folder, tried once. Raises `ModelRefused`."""
    if not folder.is_dir():
        raise ModelRefused(f"MODEL_FOLDER names {folder}, which is no folder.")
    network = _file(folder, "model.onnx", "onnx/model.onnx")
    words = _file(folder, "tokenizer.json")
    habits = _habits(folder)
    model = SentenceModel(
        habits, _version(network, words, habits), _session(network), _tokenizer(words, habits)
    )
    return _tried(model, network)


def _file(folder: Path, *names: str) -> Path:
    found = next((folder / name for name in names if (folder / name).is_file()), None)
    if found is None:
        raise ModelRefused(f"MODEL_FOLDER names {folder}, which has no {' nor '.join(names)}.")
    return found


def _habits(folder: Path) -> Habits:
    """As giao.json says, else as the model's makers do."""
    habits = Habits(**_makers(folder))
    path = folder / "giao.json"
    said = _said(path)
    try:
        if unknown := sorted(said.keys() - NAMES):
            raise ValueError(f"{unknown[0]} is no setting of a model")
        languages = tuple(map(str, said.get("languages", habits.languages)))
        habits = replace(habits, **{**said, "languages": languages})
        if habits.pooling not in POOLINGS or not 1 <= int(habits.max_length) <= LONGEST:
            raise ValueError(f"pooling must be mean or cls, max_length from 1 to {LONGEST}")
    except (ValueError, TypeError) as error:
        raise ModelRefused(f"{path} cannot be read: {error}.") from None
    return habits


def _makers(folder: Path) -> dict[str, Any]:
    """What Sentence Transformers writes beside a model; never more tokens than ours, which long texts are slow with."""
    pooling, longest = (
        _said(folder / "1_Pooling" / "config.json"),
        _said(folder / "sentence_bert_config.json"),
    )
    makers: dict[str, Any] = {"pooling": "cls"} if pooling.get("pooling_mode_cls_token") is True else {}
    limit = longest.get("max_seq_length")
    return makers | ({"max_length": min(limit, Habits().max_length)} if isinstance(limit, int) else {})


def _said(path: Path) -> Mapping[str, Any]:
    """The object of a JSON file; an empty one where there is no such file."""
    if not path.is_file():
        return {}
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelRefused(f"{path} cannot be read: {error}.") from None
    if not isinstance(said, dict):
        raise ModelRefused(f"{path} cannot be read: it is no JSON object.")
    return said


def _version(network: Path, words: Path, habits: Habits) -> str:
    told = sha256(repr(habits).encode())
    for path in (network, words):
        with path.open("rb") as file:
            while part := file.read(1 << 20):
                told.update(part)
    return told.hexdigest()[:12]


def _session(network: Path) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # The runtime raises classes of its own making, and says no more of them.
        raise ModelRefused(f"{network} is damaged or no ONNX model: {_brief(error)}.") from None


def _tokenizer(words: Path, habits: Habits) -> Any:
    try:
        tokenizer = Tokenizer.from_file(str(words))
    except Exception as error:  # It raises plain Exception.
        raise ModelRefused(f"{words} is damaged or no tokenizer: {_brief(error)}.") from None
    tokenizer.enable_truncation(habits.max_length)
    tokenizer.enable_padding(**_padding(tokenizer))
    return tokenizer


def _padding(tokenizer: Any) -> dict[str, Any]:
    """What fills up the shorter texts of a batch, as the tokenizer says; never to a fixed length, which costs time."""
    if given := tokenizer.padding:
        return {name: given[name] for name in ("pad_id", "pad_token", "pad_type_id")}
    known = ((name, tokenizer.token_to_id(name)) for name in PADDINGS)
    return next(({"pad_id": at, "pad_token": name} for name, at in known if at is not None), {})


def _tried(model: SentenceModel, network: Path) -> SentenceModel:
    """The model with its dimension, which one text tells."""
    try:
        dimension = model.encode([" ".join([TRIAL] * min(model.habits.max_length, TRIED))]).shape[1]
    except Exception as error:
        raise ModelRefused(f"{network} does not answer as a sentence model does: {_brief(error)}.") from None
    return SentenceModel(model.habits, model.version, model.session, model.tokenizer, dimension)


def _pooled(hidden: NDArray[np.float32], mask: NDArray[np.int64], pooling: str) -> NDArray[np.float32]:
    """One vector a text: what the network gives for it as a whole, else its first token, else the mean of all."""
    if hidden.ndim == 2:
        return hidden
    if pooling == "cls":
        return hidden[:, 0]
    weights = mask[:, :, None].astype(np.float32)
    pooled: NDArray[np.float32] = (hidden * weights).sum(axis=1) / np.maximum(weights.sum(axis=1), 1)
    return pooled


def _quantised(vectors: NDArray[np.float32]) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    whole: Vectors = np.rint(units * STEPS).astype(np.int8)
    return whole


def _brief(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
