"""The invoice service: writes one invoice for each paid order."""
