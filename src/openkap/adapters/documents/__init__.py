"""Documents to sign, print and keep, as PDF: the port, and the one client (Typst, in a process of its own)."""

from openkap.adapters.documents.client import documents
from openkap.adapters.documents.port import CannotRender, Documents

__all__ = ["CannotRender", "Documents", "documents"]
