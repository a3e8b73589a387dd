"""How requests reach a server: the route, what is sent by it, and the check of both."""
