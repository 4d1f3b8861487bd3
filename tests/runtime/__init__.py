"""Functions under AWS's own runtime client: what they answer to, and what is there when they are frozen or killed."""
