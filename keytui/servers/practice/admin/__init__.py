"""The Admin API: ``/v1/organization/…``, with the effects that its settings have."""
