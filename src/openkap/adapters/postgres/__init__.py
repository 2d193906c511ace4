"""The embedded PostgreSQL: a server of one's own from the binaries of a wheel, living as long as OpenKAP."""
