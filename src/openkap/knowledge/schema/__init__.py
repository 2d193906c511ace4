"""The shape of every knowledge record: one module per kind."""
