"""Pictures as bytes and files: whole or not, what to call them."""
