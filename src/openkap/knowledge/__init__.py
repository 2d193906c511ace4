"""What the field knows, as records: cited, dated, versioned, and signed off before it may act."""

from openkap.knowledge.knowledge_set import KnowledgeSet, SignOff, State, load
from openkap.knowledge.loader import BadRecord, read_kind

__all__ = ["BadRecord", "KnowledgeSet", "SignOff", "State", "load", "read_kind"]
