"""How fast this machine multiplies matrices of an encoder's shapes, and how many weights an encoder multiplies with.

The product of the two bounds every engine: each token meets each weight once, in one multiplication and one addition.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from stance.errors import ModelError
from stance.extras import require

N_TOKENS = 1024  # rows of the left matrix: a batch of 20 statements or so
HIDDEN, INNER = 384, 1536  # MiniLM-L6
SHAPES = ((HIDDEN, HIDDEN),) * 4 + ((HIDDEN, INNER), (INNER, HIDDEN))  # of one layer
OPERATIONS = 2 * N_TOKENS * sum(rows * columns for rows, columns in SHAPES)
_SIZES = ("num_hidden_layers", "hidden_size", "intermediate_size")  # in config.json
_SECONDS = 0.5  # that each kind is measured for, at least


def multiplication_rates(threads: int) -> dict[str, float]:
    """Measure how fast this machine multiplies.

    :param threads: The number of threads.
    :returns: Billions of operations a second, by kind: ``fp32`` and ``bf16`` (torch), ``int8`` (ONNX Runtime).
    :raises MissingExtraError: If torch or onnx is not installed.
    """
    torch = require("torch", "train")
    torch.set_num_threads(threads)
    rates = {}
    with torch.inference_mode():
        for name, kind in (("fp32", torch.float32), ("bf16", torch.bfloat16)):
            pairs = [(torch.rand(N_TOKENS, rows).to(kind), torch.rand(rows, cols).to(kind)) for rows, cols in SHAPES]
            rates[name] = _rate(partial(_products, pairs))
    rates["int8"] = _rate(_int8_products(threads))
    return rates


def _products(pairs: Sequence[tuple[Any, Any]]) -> list[Any]:
    return [left @ right for left, right in pairs]


def _rate(multiply: Callable[[], Any]) -> float:
    multiply()  # a first run sets up buffers
    runs, begin = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - begin) < _SECONDS:
        multiply()
        runs += 1
    return runs * OPERATIONS / elapsed / 1e9


def _int8_products(threads: int) -> Callable[[], Any]:
    """Return a function that multiplies as a quantised network does: activations of 8 bits, constant weights."""
    import onnxruntime

    onnx = require("onnx", "train")
    helper, rng = onnx.helper, np.random.default_rng(0)
    nodes, inputs, weights, outputs, feed = [], [], [], [], {}
    for number, (rows, columns) in enumerate(SHAPES):
        left, right, product = f"left{number}", f"right{number}", f"product{number}"
        weight = rng.integers(-64, 64, (rows, columns)).astype(np.int8)
        weights.append(onnx.numpy_helper.from_array(weight, right))
        inputs.append(helper.make_tensor_value_info(left, onnx.TensorProto.UINT8, [N_TOKENS, rows]))
        outputs.append(helper.make_tensor_value_info(product, onnx.TensorProto.INT32, [N_TOKENS, columns]))
        nodes.append(helper.make_node("MatMulInteger", [left, right], [product]))
        feed[left] = rng.integers(0, 128, (N_TOKENS, rows)).astype(np.uint8)
    graph = helper.make_graph(nodes, "products", inputs, outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(model.SerializeToString(), settings, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, feed)


def matrix_weights(folder: Path) -> int:
    """Return the number of weights that every token of an encoder is multiplied with.

    :param folder: A model folder, with the encoder's ``config.json`` or with ``model.onnx``.
    :returns: The number. Embeddings are looked up, not multiplied, and attention, two per cent more at 50 tokens, is
        left out.
    :raises StanceError: If it cannot be known: the folder holds neither, the config is not that of a BERT, or onnx is
        not installed.
    """
    if (folder / "config.json").is_file():
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        missing = [name for name in _SIZES if name not in config]
        if missing:
            raise ModelError(f"{folder / 'config.json'} names its sizes otherwise than BERT does: no {missing[0]}")
        layers, hidden, inner = (int(config[name]) for name in _SIZES)
        return layers * (4 * hidden * hidden + 2 * hidden * inner)
    if (folder / "model.onnx").is_file():
        graph = require("onnx", "train").load(str(folder / "model.onnx")).graph
        sizes = {one.name: math.prod(one.dims) for one in graph.initializer}
        return sum(sizes.get(node.input[1], 0) for node in graph.node if "MatMul" in node.op_type)
    raise ModelError(f"{folder} holds neither config.json nor model.onnx")
