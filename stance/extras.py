"""Optional dependencies: import one, or say in one line which extra to install."""

import importlib
from types import ModuleType

from stance.errors import MissingExtraError

DISTRIBUTION = "diplomatic-stance"


def require(module: str, extra: str) -> ModuleType:
    """Import an optional module.

    :param module: The dotted name of the module, such as ``"pyarrow.parquet"``.
    :param extra: The extra of this package that brings it.
    :returns: The imported module.
    :raises MissingExtraError: If the module is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        missing = error.name or module
        raise MissingExtraError(
            f"{missing} is not installed; it comes with: pip install '{DISTRIBUTION}[{extra}]'"
        ) from error
