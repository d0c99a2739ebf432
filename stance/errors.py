"""The exceptions that `stance` raises: each message names a cause and a remedy."""


class StanceError(Exception):
    """Base class; the command line prints its message on one line and exits with status 2."""


class InputError(StanceError):
    """What the user gave to read cannot be read: an empty, binary or malformed file, a missing column."""


class ConfigError(StanceError):
    """A training configuration holds an unknown key or a value of the wrong type."""


class ModelError(StanceError):
    """A model folder is missing, damaged, of an unknown format version, or not what was asked for."""


class MissingExtraError(StanceError, ImportError):
    """An optional dependency is not installed."""
