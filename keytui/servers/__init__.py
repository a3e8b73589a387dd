"""What keytui serves on the loopback: the practice service and the metering proxy."""
