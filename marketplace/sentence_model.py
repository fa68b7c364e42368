"""A sentence-embedding model from a folder of this machine: ONNX for the network, tokenizer.json for its words.

Imported only by whoever opens one, for the runtime of such models is heavy. Nothing is ever fetched. The folder holds

    model.onnx (or onnx/model.onnx), tokenizer.json, and where its makers' habits differ from ours giao.json:
    {"pooling": "mean" | "cls", "max_length": 256, "query_prefix": "", "passage_prefix": "", "languages": ["vi", "en"]}

Vectors are compared by their angle, so they are brought to length 1 and kept in 127ths.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

Vectors = NDArray[np.int8]
Kind = Literal["query", "passage"]

STEPS = 127
"""Of a vector's greatest possible part; a cosine is exact to about a hundredth then."""
AT_ONCE = 16
"""Texts that go through the network together."""
POOLINGS = ("mean", "cls")
LONGEST = 8_192
"""Tokens. More than any model reads, and more than should be given to one."""
NAMES = frozenset({"pooling", "max_length", "query_prefix", "passage_prefix", "languages"})
TRIAL = "giao"


class ModelRefused(Exception):
    """The folder holds no model that can be used. `str()` says in one sentence what is wrong; matching does without."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How a model wants to be asked. `languages` empty: it was not said which it is good for."""

    pooling: str = "mean"
    max_length: int = 256
    query_prefix: str = ""
    passage_prefix: str = ""
    languages: tuple[str, ...] = ()


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
        """Whether it may be asked about texts of this language: an English model makes Vietnamese search worse, so one
        that does not say what it is good for is asked about nothing."""
        return language in self.habits.languages

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
        (hidden, *_) = self.session.run(
            None, {name: value for name, value in given.items() if name in wanted}
        )
        said = np.array([bool(text.strip()) for text in texts])[:, None]
        return _quantised(_pooled(hidden, mask, self.habits.pooling) * said)


def opened(folder: Path) -> SentenceModel:
    """The model of a folder, tried once. Raises `ModelRefused`."""
    if not folder.is_dir():
        raise ModelRefused(f"MODEL_FOLDER names {folder}, which is no folder.")
    network = _file(folder, "model.onnx", "onnx/model.onnx")
    words = _file(folder, "tokenizer.json")
    habits = _habits(folder / "giao.json")
    model = SentenceModel(
        habits, _version(network, words, habits), _session(network), _tokenizer(words, habits)
    )
    return _tried(model, network)


def _file(folder: Path, *names: str) -> Path:
    found = next((folder / name for name in names if (folder / name).is_file()), None)
    if found is None:
        raise ModelRefused(f"MODEL_FOLDER names {folder}, which has no {' nor '.join(names)}.")
    return found


def _habits(path: Path) -> Habits:
    if not path.is_file():
        return Habits()
    try:
        said: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if unknown := sorted(said.keys() - NAMES):
            raise ValueError(f"{unknown[0]} is no setting of a model")
        habits = Habits(**{**said, "languages": tuple(map(str, said.get("languages", ())))})
        if habits.pooling not in POOLINGS or not 1 <= int(habits.max_length) <= LONGEST:
            raise ValueError(f"pooling must be mean or cls, max_length from 1 to {LONGEST}")
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ModelRefused(f"{path} cannot be read: {error}.") from None
    return habits


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
    tokenizer.enable_padding()
    return tokenizer


def _tried(model: SentenceModel, network: Path) -> SentenceModel:
    """The model with its dimension, which one short text tells."""
    try:
        dimension = model.encode([TRIAL]).shape[1]
    except Exception as error:
        raise ModelRefused(f"{network} does not answer as a sentence model does: {_brief(error)}.") from None
    return SentenceModel(model.habits, model.version, model.session, model.tokenizer, dimension)


def fits(model: SentenceModel, dimension: int) -> None:
    """Raises `ModelRefused` for a model whose vectors cannot be compared with those that are stored."""
    if dimension != model.dimension:
        raise ModelRefused(
            f"The model makes vectors of {model.dimension} dimensions, and {dimension} are stored: "
            "make them anew, or name the model they were made with."
        )


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
