"""What the field knows, as records: cited, dated, versioned, and signed off before it may act.

Names are loaded when they are asked for: pharmacology needs one kind of record and not the schemas of all.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openkap.knowledge.knowledge_set import KnowledgeSet, SignOff, State, load
    from openkap.knowledge.loader import BadRecord, read_kind

__all__ = ["BadRecord", "KnowledgeSet", "SignOff", "State", "load", "read_kind"]

_HOMES = {"BadRecord": "loader", "read_kind": "loader"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'knowledge_set')}"), name)
