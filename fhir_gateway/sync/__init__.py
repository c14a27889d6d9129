"""What goes in and out in bulk: loading files."""
