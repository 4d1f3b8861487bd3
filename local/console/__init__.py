"""The console on one machine: served at the front door, typed by our documents, tried in a browser."""
