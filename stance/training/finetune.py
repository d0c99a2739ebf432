"""Fine-tune an encoder with the transformers ``Trainer``: multi-label, length-bucketed, resumable."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import EarlyStoppingCallback, Trainer, TrainerCallback, TrainingArguments, set_seed
from transformers.trainer_utils import get_last_checkpoint

from stance.evaluation.metrics import exact_match, f1_per_tag
from stance.inference.network import StanceNetwork, build_network, uses_token_types
from stance.inference.tokenize import PairTokenizer, Tokens
from stance.runtime import load_tokenizer
from stance.training.config import Config, OptimConfig
from stance.training.data import TrainingData, encode

log = logging.getLogger(__name__)


class StanceTrainer(Trainer):
    """A ``Trainer`` whose loss is weighted binary cross-entropy and whose layers learn at their own rates."""

    layer_decay: float = 1.0
    optimizer: torch.optim.Optimizer | None

    def compute_loss(self, model: Any, inputs: dict[str, Any], return_outputs: bool = False, **_: Any) -> Any:
        """Return the mean over tags and statements of the weighted binary cross-entropy."""
        labels, weight = inputs.pop("labels"), inputs.pop("weight")
        logits = model(**inputs)
        each = torch.nn.functional.binary_cross_entropy_with_logits(logits.float(), labels, reduction="none")
        loss = (each.mean(1) * weight).sum() / weight.sum()
        return (loss, {"logits": logits}) if return_outputs else loss

    def create_optimizer(self, *_: Any) -> torch.optim.Optimizer:
        """Build AdamW with one learning rate a layer (Howard and Ruder 2018: discriminative fine-tuning)."""
        if self.optimizer is None:
            self.optimizer = torch.optim.AdamW(
                parameter_groups(self.model, self.args.learning_rate, self.args.weight_decay, self.layer_decay)
            )
        return self.optimizer


def parameter_groups(network: StanceNetwork, rate: float, decay: float, layer_decay: float) -> list[dict[str, Any]]:
    """Group parameters by layer and by whether weight decay applies (not to biases and norms)."""
    n_layers = network.encoder.config.num_hidden_layers
    groups: dict[tuple[int, bool], list[Any]] = {}
    for name, parameter in network.named_parameters():
        if name.startswith("head"):
            depth = n_layers + 1
        elif ".layer." in name:
            depth = int(name.split(".layer.")[1].split(".")[0]) + 1
        else:
            depth = 0
        groups.setdefault((depth, parameter.ndim > 1), []).append(parameter)
    return [
        {
            "params": members,
            "lr": rate * layer_decay ** (n_layers + 1 - depth),
            "weight_decay": decay if decays else 0.0,
        }
        for (depth, decays), members in sorted(groups.items())
    ]


class Collator:
    """Pads a batch to its longest member."""

    def __init__(self, pad_id: int, with_types: bool) -> None:
        self.pad_id = pad_id
        self.with_types = with_types

    def __call__(self, rows: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        """Return the tensors of a batch: ids, mask, types and, where the rows have them, labels and weights."""
        size = max(len(row["input_ids"]) for row in rows)
        ids = torch.full((len(rows), size), self.pad_id)
        mask, types = torch.zeros_like(ids), torch.zeros_like(ids)
        for number, row in enumerate(rows):
            length = len(row["input_ids"])
            ids[number, :length] = torch.tensor(row["input_ids"])
            types[number, :length] = torch.tensor(row["token_type_ids"])
            mask[number, :length] = 1
        batch = {"input_ids": ids, "attention_mask": mask}
        if self.with_types:
            batch["token_type_ids"] = types
        for name in ("labels", "weight"):
            if name in rows[0]:
                batch[name] = torch.tensor([row[name] for row in rows], dtype=torch.float32)
        return batch


def has_fast_bf16() -> bool:
    """Tell whether this machine multiplies bfloat16 in hardware (AVX512-BF16 or AMX on a CPU, or a GPU)."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    capabilities = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def arguments(config: Config, n_train: int, folder: Path) -> TrainingArguments:
    """Translate a recipe into the arguments of the ``Trainer``."""
    optim: OptimConfig = config.optim
    steps_per_epoch = -(-n_train // optim.batch_size)
    every = max(1, steps_per_epoch // optim.evaluations)
    return TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=optim.epochs,
        per_device_train_batch_size=optim.batch_size,
        per_device_eval_batch_size=64,
        learning_rate=optim.learning_rate,
        warmup_steps=int(optim.warmup * steps_per_epoch * optim.epochs),
        lr_scheduler_type="linear",
        weight_decay=optim.weight_decay,
        bf16=has_fast_bf16() if optim.bf16 == "auto" else optim.bf16 == "on",
        train_sampling_strategy="group_by_length",
        eval_strategy="steps",
        eval_steps=every,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="macro_f1",
        greater_is_better=True,
        logging_steps=max(1, every // 4),
        remove_unused_columns=False,
        label_names=["labels"],
        restore_callback_states_from_checkpoint=True,
        report_to=[],
        disable_tqdm=False,
        dataloader_pin_memory=torch.cuda.is_available(),
        seed=config.seed,
        data_seed=config.seed,
    )


def dev_metrics(prediction: Any) -> dict[str, float]:
    """Return macro-F1 and exact match at probability one half, before calibration."""
    truth, predicted = prediction.label_ids > 0.5, prediction.predictions > 0
    scores = f1_per_tag(truth, predicted)
    return {"macro_f1": float(np.nan_to_num(scores).mean()), "exact": exact_match(truth, predicted)}


class OnSave(TrainerCallback):
    """Calls a function whenever a checkpoint was written."""

    def __init__(self, call: Callable[[], None]) -> None:
        self.call = call

    def on_save(self, *_: Any, **__: Any) -> None:
        """Call the function."""
        self.call()


def finetune(
    config: Config, data: TrainingData, encoder: Path, work: Path, resume: bool, on_save: Callable[[], None]
) -> tuple[StanceNetwork, Callable[[Any], NDArray[np.float64]]]:
    """Fine-tune an encoder.

    :param config: The recipe.
    :param data: The statements.
    :param encoder: The folder with the encoder's weights and tokenizer.
    :param work: The folder for checkpoints.
    :param resume: Go on from the last checkpoint there.
    :param on_save: Called whenever a checkpoint was written.
    :returns: The network of the best evaluation, and a function from records to logits (n_texts, n_tags).
    """
    set_seed(config.seed)
    tokenizer = PairTokenizer(load_tokenizer(encoder), config.encoder.max_tokens, config.encoder.mask_countries)
    network = build_network(encoder, len(data.codebook.tags), config.encoder.dropout)
    records, targets = data.targets()
    train = encode(records, targets, tokenizer, data.weights(records, config.data))
    dev = encode(data.dev, data.truth(data.dev), tokenizer, [1.0] * len(data.dev))
    checkpoint = last_checkpoint(work) if resume else None
    if checkpoint:
        log.info("going on from %s", checkpoint)
    pad_id = getattr(network.encoder.config, "pad_token_id", 0) or 0
    trainer = StanceTrainer(
        model=network,
        args=arguments(config, len(train), work),
        data_collator=Collator(pad_id, uses_token_types(network.encoder.config)),
        train_dataset=train,
        eval_dataset=dev,
        compute_metrics=dev_metrics,
        callbacks=[EarlyStoppingCallback(config.optim.patience), OnSave(on_save)],
    )
    trainer.layer_decay = config.optim.layer_decay
    trainer.train(resume_from_checkpoint=checkpoint)

    def logits(records: Any) -> NDArray[np.float64]:
        texts, contexts = [record.text for record in records], [record.context for record in records]
        return predict_logits(network, tokenizer(texts, contexts), trainer.data_collator)

    return network.eval(), logits


def last_checkpoint(work: Path) -> str | None:
    """Return the newest checkpoint in a folder; one that a kill left half written is deleted."""
    if not work.is_dir():
        return None
    for folder in work.glob("checkpoint-*"):
        if not (folder / "trainer_state.json").is_file():  # what the Trainer writes last
            shutil.rmtree(folder)
    found: str | None = get_last_checkpoint(str(work))
    return found


def predict_logits(
    network: StanceNetwork, tokens: Sequence[Tokens], collate: Collator, batch_size: int = 32
) -> NDArray[np.float64]:
    """Return the logits of texts, in their order; of a text in several windows the greatest, as inference does.

    (``Trainer.predict`` is of no use here: it sorts by length and gives its answers in that order.)

    :param network: The network.
    :param tokens: The texts, encoded.
    :param collate: The collator.
    :param batch_size: In windows.
    :returns: Logits, (n_texts, n_tags).
    """
    network.eval()
    device = next(network.parameters()).device
    windows = [(number, ids, types) for number, text in enumerate(tokens) for ids, types in text.windows]
    windows.sort(key=lambda window: len(window[1]))
    found = np.full((len(tokens), network.head.out_features), -np.inf)
    for start in range(0, len(windows), batch_size):
        chosen = windows[start : start + batch_size]
        batch = collate([{"input_ids": ids, "token_type_ids": types} for _, ids, types in chosen])
        with torch.inference_mode():
            logits = network(**{name: tensor.to(device) for name, tensor in batch.items()}).float().cpu().numpy()
        np.maximum.at(found, [number for number, _, _ in chosen], logits)
    return found
