"""Where decisions and outcomes are written down."""
