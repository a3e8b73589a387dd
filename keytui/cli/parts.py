"""The composition root's workshop: builds adapters, each when it is first asked for."""
