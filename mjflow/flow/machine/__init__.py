"""What a flow wants done, and what has become of it: pure, one machine for each item."""
