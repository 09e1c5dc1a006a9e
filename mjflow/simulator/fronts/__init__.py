"""What clients talk to: a gateway with rows and prices of its own, or the server itself."""
