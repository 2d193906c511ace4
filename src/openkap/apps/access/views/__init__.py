"""Pages of signing in, own security, staff and sites."""
