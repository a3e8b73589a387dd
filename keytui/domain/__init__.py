"""What is true without a computer: no interface, no network, no files, no clock."""
