"""What goes over the wire, as values: no sockets, no clock, no files."""
