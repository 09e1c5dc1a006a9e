"""What drives tasks from a call to their end."""
