"""Training configuration: one YAML file a recipe, ``key.sub=value`` overrides, misspelt keys refused."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, TypeVar, cast, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stance.errors import ConfigError


class Section(BaseModel):
    """A part of the configuration; unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Recipe = TypeVar("Recipe", bound=Section)


class DataConfig(Section):
    """Which statements to train on."""

    starter: bool = True  # the starter set that ships with the package
    labels: tuple[str, ...] = ()  # files of labelled statements, as scripts/build_dataset.py writes them
    codebook: str | None = None  # a codebook file; None is the default codebook
    doubt_weight: float = Field(1.0, gt=0, le=1)  # weight of a statement over which a reader hesitated
    starter_weight: float = Field(1.0, gt=0)  # of a statement of the starter set
    unlabelled: tuple[str, ...] = ()  # files of statements that only a teacher has read (distillation)
    teacher: str | None = None  # the teacher's logits, as scripts/distill.py writes them
    teacher_share: float = Field(0.5, ge=0, le=1)  # of the target of a labelled statement that the teacher has read
    limit: int | None = Field(None, gt=0)  # in statements a split, for trying a recipe out


class EncoderConfig(Section):
    """The network."""

    name: str = "all-MiniLM-L6-v2"  # a folder, a known name, or a hub id
    max_tokens: int = Field(192, ge=16, le=512)  # in tokens, statement and context together
    mask_countries: bool = False  # hide which countries are named: who speaks is no evidence
    dropout: float = Field(0.1, ge=0, lt=1)


class OptimConfig(Section):
    """Fine-tuning."""

    epochs: float = Field(6, gt=0)
    batch_size: int = Field(32, gt=0)  # in statements
    learning_rate: float = Field(1e-4, gt=0)
    layer_decay: float = Field(1.0, gt=0, le=1)  # factor on the learning rate from a layer to the one below it
    warmup: float = Field(0.1, ge=0, lt=1)  # share of the steps
    weight_decay: float = Field(0.01, ge=0)
    patience: int = Field(2, ge=1)  # in evaluations without a better dev macro-F1
    evaluations: int = Field(1, ge=1)  # per epoch; each of them saves a checkpoint
    bf16: Literal["auto", "on", "off"] = "auto"  # auto: where the CPU multiplies bfloat16 in hardware, or on a GPU


class LinearConfig(Section):
    """The baseline: n-gram counts and logistic regression."""

    word_ngrams: tuple[int, int] = (1, 2)
    char_ngrams: tuple[int, int] = (2, 5)
    min_count: int = Field(2, ge=1)  # in statements
    max_features: int = Field(100_000, ge=100)  # of each kind of n-gram
    c: float = Field(4.0, gt=0)  # inverse strength of the penalty


class Config(Section):
    """A recipe: everything that decides what a model becomes."""

    name: str
    kind: Literal["encoder", "linear"] = "encoder"
    seed: int = 13
    data: DataConfig = DataConfig()
    encoder: EncoderConfig = EncoderConfig()
    optim: OptimConfig = OptimConfig()
    linear: LinearConfig = LinearConfig()


def load_config(path: str | Path, overrides: Iterable[str] = ()) -> Config:
    """Read a recipe and apply overrides to it.

    :param path: A YAML file.
    :param overrides: ``key=value`` or ``key.sub=value``, the value in YAML.
    :returns: The configuration.
    :raises ConfigError: If the file is missing or broken, a key is unknown, or a value does not fit.
    """
    return parse_config(read_overridden(path, overrides), str(path))


def read_overridden(path: str | Path, overrides: Iterable[str] = ()) -> dict[str, Any]:
    """Read a YAML file of nested mappings and apply overrides to it.

    :param path: The file.
    :param overrides: ``key=value`` or ``key.sub=value``, the value in YAML.
    :returns: The mappings.
    :raises ConfigError: If the file is missing or broken, or an override cannot be read.
    """
    try:
        data = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the config {path}: {error.strerror}; the recipes lie in configs/") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(data, dict):
        raise ConfigError(f"{path} holds no keys; see configs/small.yaml for what a config looks like")
    for override in overrides:
        apply_override(data, override)
    return data


def apply_override(data: dict[str, Any], override: str) -> None:
    """Set ``key.sub=value`` in nested mappings."""
    key, sign, value = override.partition("=")
    if not sign or not key:
        raise ConfigError(f"cannot read the override {override!r}; write key=value, such as optim.epochs=3")
    *parents, last = key.strip().split(".")
    for parent in parents:
        data = data.setdefault(parent, {})
        if not isinstance(data, dict):
            raise ConfigError(f"the override {override!r} treats {parent!r} as a section, and it is a value")
    try:
        data[last] = yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise ConfigError(f"the value in {override!r} is not valid YAML") from error


def parse_config(data: dict[str, Any], source: str) -> Config:
    """Check nested mappings against :class:`Config`; ``source`` names them in error messages."""
    return parse_section(Config, data, source)


def parse_section(kind: type[Recipe], data: dict[str, Any], source: str) -> Recipe:
    """Check nested mappings against a section.

    :param kind: The section.
    :param data: The mappings.
    :param source: What error messages call them.
    :returns: The section, filled.
    :raises ConfigError: If a key is unknown, or a value does not fit.
    """
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        path = [str(part) for part in first["loc"]]
        if first["type"] == "extra_forbidden":
            known = sorted(section_of(kind, path[:-1]).model_fields)
            near = difflib.get_close_matches(path[-1], known, n=1, cutoff=0.5)
            hint = f"did you mean {'.'.join([*path[:-1], near[0]])!r}?" if near else f"known here: {', '.join(known)}"
            raise ConfigError(f"{source}: unknown key {'.'.join(path)!r}; {hint}") from error
        raise ConfigError(f"{source}: {'.'.join(path)}: {first['msg'].lower()} (got {first['input']!r})") from error


def section_of(section: type[BaseModel], path: Iterable[str]) -> type[BaseModel]:
    """Return the class of the section at a path of keys below a section."""
    for key in path:
        annotation = section.model_fields[key].annotation
        if annotation is None or get_origin(annotation) or get_args(annotation):
            break
        section = cast("type[BaseModel]", annotation)
    return section
