"""The bill explained: what the platform counted and charged, beside what this machine booked, with the reasons."""
