"""What can be known of a flow before anything is paid."""
