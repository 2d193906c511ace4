"""Figures drawn by the server as SVG: pure functions of plain values."""
