"""What functions ask AWS for, compared with what their roles may do."""
