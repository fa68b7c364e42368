"""A tiny sentence model made here: a vector for each word, and a text is the mean of its words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers

WORDS = {
    "[UNK]": 0, "[PAD]": 1, "salinity": 2, "mặn": 3, "rice": 4, "lúa": 5, "query:": 6, "brine": 7, "paddy": 8,
}  # fmt: skip
"""«Brine» means what «salinity» means, «paddy» what «rice» means."""
VECTORS = np.array(
    [[0, 0, 0], [9, 9, 9], [1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0]],
    np.float32,
)


def network(path: Path, vectors: Any = VECTORS, reads: str = "input_ids", says: str = "hidden") -> None:
    """A network of one step: the vectors of the words, one after another."""
    table = numpy_helper.from_array(np.asarray(vectors, np.float32), "table")
    step = helper.make_node("Gather", ["table", reads], [says])
    given = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
        for name in (reads, "attention_mask")
    ]
    said = helper.make_tensor_value_info(says, TensorProto.FLOAT, ["texts", "tokens", len(vectors[0])])
    graph = helper.make_graph([step], "tiny", given, [said], [table])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(made, str(path))


def tokenizer() -> Tokenizer:
    read = Tokenizer(models.WordLevel(WORDS, unk_token="[UNK]"))
    read.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return read


def tiny(folder: Path) -> Path:
    """The folder with the model in it."""
    network(folder / "model.onnx")
    tokenizer().save(str(folder / "tokenizer.json"))
    return folder
