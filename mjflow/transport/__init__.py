"""Requests out, replies in: the only room with sockets."""
