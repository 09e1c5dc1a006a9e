"""What mjflow costs, beside what a user would write without it (see README.md)."""
