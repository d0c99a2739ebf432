"""The codebook: the tags that a model assigns and what each of them means."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from stance.errors import InputError


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag and the sentence that defines it."""

    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class Codebook:
    """An ordered set of tags; several of them, or none, may apply to a statement."""

    name: str
    tags: tuple[Tag, ...]

    @property
    def tag_names(self) -> tuple[str, ...]:
        """The names of the tags, in the order of a model's columns."""
        return tuple(tag.name for tag in self.tags)

    @classmethod
    def default(cls) -> Codebook:
        """Return the codebook that ships with the package."""
        text = files("stance").joinpath("codebook.yaml").read_text(encoding="utf-8")
        return cls.from_yaml_text(text, "codebook.yaml")

    @classmethod
    def from_yaml(cls, path: str | Path) -> Codebook:
        """Read a codebook from a YAML file.

        :param path: The file.
        :returns: The codebook.
        :raises InputError: If the file cannot be read or does not hold ``tags`` with a ``definition`` each.
        """
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"cannot read the codebook {path}: {error}") from error
        return cls.from_yaml_text(text, str(path))

    @classmethod
    def from_yaml_text(cls, text: str, source: str) -> Codebook:
        """Read a codebook from YAML text; ``source`` names it in error messages.

        :param text: The YAML document.
        :param source: What to call it in an error message.
        :returns: The codebook.
        :raises InputError: If the text is not a codebook.
        """
        import yaml

        try:
            data = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise InputError(f"{source} is not valid YAML: {' '.join(str(error).split())}") from error
        tags = data.get("tags") if isinstance(data, dict) else None
        if not isinstance(tags, dict) or not tags:
            raise InputError(f"{source} has no tags: give `tags:` with a name and a `definition:` for each")
        parsed = []
        for name, entry in tags.items():
            definition = entry.get("definition") if isinstance(entry, dict) else None
            if not isinstance(name, str) or not name.isidentifier():
                raise InputError(f"{source}: the tag {name!r} must be a word of letters, digits and underscores")
            if not isinstance(definition, str) or not definition.strip():
                raise InputError(f"{source}: the tag {name!r} has no `definition:`")
            parsed.append(Tag(name, definition.strip()))
        return cls(str(data.get("name", "")), tuple(parsed))
