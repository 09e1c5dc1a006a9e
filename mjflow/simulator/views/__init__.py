"""How each kind of server shows a task."""
