"""Bad inputs against the front door in processes of its own: `make fuzz`."""
