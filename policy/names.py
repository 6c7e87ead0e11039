"""How systems name what they have: services, flags, queues, pipelines, groups."""

# A name is one segment of a path: it has no slash, no blank, and begins with no dot.
NAME_FORM = "[A-Za-z0-9][A-Za-z0-9_.:~-]{0,120}"
NAME = f"^{NAME_FORM}$"
